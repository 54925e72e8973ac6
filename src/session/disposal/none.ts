// #disposal elsewhere: a page has no more than it uses.

export { Observable as DisposableSource } from '../../rx/rxjs.ts';
