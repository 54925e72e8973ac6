// kcptun's flags: names, defaults and ranges, for the command line and the JSON file alike.

export type TunnelRole = 'client' | 'server';

interface FlagBase {
  readonly help: string;
  /** Other names; one letter is `-l`. */
  readonly aliases?: readonly string[];
  /** Which end has it. Default: both. */
  readonly only?: TunnelRole;
  readonly hidden?: true;
}

/** One flag. A default may differ between the ends. */
export type Flag = FlagBase &
  (
    | { readonly kind: 'text'; readonly default: string | Readonly<Record<TunnelRole, string>> }
    | {
        readonly kind: 'integer';
        readonly default: number | Readonly<Record<TunnelRole, number>>;
        readonly min: number;
        readonly max: number;
      }
    | { readonly kind: 'boolean'; readonly default: false }
  );

const SECONDS_MAX = 86_400;
const BUFFER_MAX = 0x7fff_ffff;
const number = (value: number | Readonly<Record<TunnelRole, number>>, min: number, max: number) =>
  ({ kind: 'integer', default: value, min, max }) as const;
const text = (value: string) => ({ kind: 'text', default: value }) as const;
const toggle = { kind: 'boolean', default: false } as const;

/** In the order of kcptun's help. Names in the JSON file are the same. */
export const FLAGS = {
  localaddr: { ...text(':12948'), aliases: ['l'], only: 'client', help: 'TCP address or Unix socket to listen on' },
  remoteaddr: { ...text('vps:29900'), aliases: ['r'], only: 'client', help: 'server, host:port or host:first-last' },
  listen: { ...text(':29900'), aliases: ['l'], only: 'server', help: 'UDP address, host:port or host:first-last' },
  target: {
    ...text('127.0.0.1:12948'),
    aliases: ['t'],
    only: 'server',
    help: 'TCP address or Unix socket to connect streams to; socks5: be a SOCKS5 proxy',
  },
  key: { ...text("it's a secrect"), help: 'pre-shared secret, also KCPTUN_KEY' },
  crypt: { ...text('aes'), help: 'cipher' },
  mode: { ...text('fast'), help: 'fast3, fast2, fast, normal, or manual with the flags nodelay, interval, resend, nc' },
  conn: { ...number(1, 1, 65_535), only: 'client', help: 'sessions with the server' },
  autoexpire: {
    ...number(0, 0, SECONDS_MAX),
    only: 'client',
    help: 's after which a session gets no new streams, 0: never',
  },
  scavengettl: { ...number(600, 0, SECONDS_MAX), only: 'client', help: 's that an expired session may live on' },
  mtu: { ...number(1350, 50, 1500), help: 'bytes of a UDP payload' },
  ratelimit: { ...number(0, 0, 0xffff_ffff), help: 'bytes per second of each session, 0: no limit' },
  sndwnd: { ...number({ client: 128, server: 1024 }, 1, 65_535), help: 'send window in packets' },
  rcvwnd: { ...number({ client: 512, server: 1024 }, 1, 65_535), help: 'receive window in packets' },
  datashard: { ...number(10, 0, 255), aliases: ['ds'], help: 'data shards of FEC, 0: none' },
  parityshard: { ...number(3, 0, 255), aliases: ['ps'], help: 'parity shards of FEC, 0: none' },
  dscp: { ...number(0, 0, 63), help: 'DSCP of what is sent' },
  nocomp: { ...toggle, help: 'no compression' },
  acknodelay: { ...toggle, hidden: true, help: 'acknowledge at once' },
  nodelay: { ...number(0, 0, 1), hidden: true, help: 'of mode manual' },
  interval: { ...number(50, 10, 5000), hidden: true, help: 'of mode manual, ms' },
  resend: { ...number(0, 0, 255), hidden: true, help: 'of mode manual' },
  nc: { ...number(0, 0, 1), hidden: true, help: 'of mode manual' },
  sockbuf: { ...number(4_194_304, 1, BUFFER_MAX), help: 'bytes of socket buffers' },
  smuxver: { ...number(2, 1, 2), help: 'version of smux, the same at both ends' },
  smuxbuf: { ...number(4_194_304, 1, BUFFER_MAX), help: 'bytes that may wait unread in a session' },
  framesize: { ...number(8192, 1, 65_535), help: 'bytes of a smux frame' },
  streambuf: { ...number(2_097_152, 1, BUFFER_MAX), help: 'bytes that may wait unread in a stream' },
  keepalive: { ...number(10, 1, 30), help: 's between keepalives' },
  closewait: {
    ...number({ client: 0, server: 30 }, 0, SECONDS_MAX),
    help: 's without data after which a half-closed stream is closed, 0: never',
  },
  snmplog: { ...text(''), help: 'CSV file of counters, its name by a time layout of Go: ./snmp-20060102.log' },
  snmpperiod: { ...number(60, 1, SECONDS_MAX), help: 's between lines of snmplog' },
  log: { ...text(''), help: 'file to append the log to; default: standard error' },
  quiet: { ...toggle, help: 'no lines about streams' },
} as const satisfies Readonly<Record<string, Flag>>;

/** Flags of kcptun that are refused, and why. */
export const REFUSED: Readonly<Record<string, string>> = {
  QPP: 'its key stream is the same for every stream, and it protects no integrity; use --crypt aes-128-gcm',
  QPPCount: 'there is no QPP; use --crypt aes-128-gcm',
  qpp: 'its key stream is the same for every stream, and it protects no integrity; use --crypt aes-128-gcm',
  'qpp-count': 'there is no QPP; use --crypt aes-128-gcm',
  tcp: 'faking TCP needs raw sockets and changes the firewall of the machine; use UDP',
  pprof: 'there is no Go profiler here; run node --inspect or node --cpu-prof',
};

/** The values of all flags. */
export type TunnelSettings = {
  readonly [N in keyof typeof FLAGS]: (typeof FLAGS)[N]['kind'] extends 'text'
    ? string
    : (typeof FLAGS)[N]['kind'] extends 'integer'
      ? number
      : boolean;
};
