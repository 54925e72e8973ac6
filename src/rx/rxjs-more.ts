// What sessions take of RxJS in addition to rxjs.ts, for the same reason: `arq` alone imports none of it.

export {
  AsyncSubject,
  defer,
  from,
  identity,
  map,
  noop,
  of,
  share,
  timer,
} from 'rxjs';
