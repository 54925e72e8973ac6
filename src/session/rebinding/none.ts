// #rebinding elsewhere: a page has no sockets.

export { MessageSource as RebindableSession } from '../message-source.ts';
