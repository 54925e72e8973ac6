// A conversation in an async function, as the Observable of the lines that it says.

import { Observable } from 'rxjs';

export function said(talk: (say: (line: string) => void) => Promise<void>): Observable<string> {
  return new Observable((subscriber) => {
    talk((line) => subscriber.next(line)).then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
  });
}
