import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { MODES } from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { portRange, streamAddress } from '../../cli/address.ts';
import { sessionOptions } from '../../cli/session-options.ts';
import type { TunnelRole, TunnelSettings } from '../../cli/tunnel/flags.ts';
import { addTunnelFlags, normalized, tunnelSettings } from '../../cli/tunnel/settings.ts';
import { goLayout } from '../../cli/tunnel/snmp-log.ts';
import { UsageError } from '../../cli/usage-error.ts';

function parsed(role: TunnelRole, ...argv: string[]): TunnelSettings {
  const command = addTunnelFlags(new Command().exitOverride().configureOutput({ writeErr() {} }), role);
  command.parse(normalized(argv, role), { from: 'user' });
  return tunnelSettings(role, command.opts());
}

describe('the flags of a tunnel', () => {
  test('have the defaults of kcptun', () => {
    const common = {
      key: "it's a secrect",
      crypt: 'aes',
      mode: 'fast',
      mtu: 1350,
      ratelimit: 0,
      datashard: 10,
      parityshard: 3,
      dscp: 0,
      nocomp: false,
      acknodelay: false,
      nodelay: 0,
      interval: 50,
      resend: 0,
      nc: 0,
      sockbuf: 4194304,
      smuxver: 2,
      smuxbuf: 4194304,
      framesize: 8192,
      streambuf: 2097152,
      keepalive: 10,
      snmplog: '',
      snmpperiod: 60,
      log: '',
      quiet: false,
    };
    const client = {
      localaddr: ':12948',
      remoteaddr: 'vps:29900',
      conn: 1,
      autoexpire: 0,
      scavengettl: 600,
      sndwnd: 128,
      rcvwnd: 512,
      closewait: 0,
    };
    const server = { listen: ':29900', target: '127.0.0.1:12948', sndwnd: 1024, rcvwnd: 1024, closewait: 30 };
    expect(parsed('client')).toEqual({ ...common, ...client });
    expect(parsed('server')).toEqual({ ...common, ...server });
  });

  test('may be written as Go takes them', () => {
    const argv = [
      '-l',
      ':1',
      '-r',
      'host:2-3',
      '-mode',
      'fast3',
      '--crypt=sm4',
      '-ds',
      '5',
      '--ps=2',
      '-nocomp',
      '-quiet=false',
      '-acknodelay=true',
    ];
    expect(parsed('client', ...argv)).toMatchObject({
      localaddr: ':1',
      remoteaddr: 'host:2-3',
      mode: 'fast3',
      crypt: 'sm4',
      datashard: 5,
      parityshard: 2,
      nocomp: true,
      quiet: false,
      acknodelay: true,
    });
  });

  test('yield to the JSON file, whose unknown names pass', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxkcp-'));
    const file = join(folder, 'client.json');
    writeFileSync(
      file,
      JSON.stringify({ mode: 'fast2', conn: 3, nocomp: true, qpp: false, 'qpp-count': 61, tcp: false, extra: 1 }),
    );
    expect(parsed('client', '--mode', 'fast3', '--conn', '2', '--mtu', '1200', '-c', file)).toMatchObject({
      mode: 'fast2',
      conn: 3,
      nocomp: true,
      mtu: 1200,
    });
    writeFileSync(file, JSON.stringify({ qpp: true }));
    expect(() => parsed('client', '-c', file)).toThrow('--qpp is not supported');
    writeFileSync(file, JSON.stringify({ mtu: '1200x' }));
    expect(() => parsed('client', '-c', file)).toThrow('--mtu must be an integer from 50 to 1500, got "1200x"');
    writeFileSync(file, '[]');
    expect(() => parsed('client', '-c', file)).toThrow('must contain a JSON object');
    rmSync(folder, { recursive: true });
  });

  test.each([
    [['-QPP'], '--QPP is not supported'],
    [['--tcp'], '--tcp is not supported'],
    [['--pprof'], '--pprof is not supported'],
    [['--keepalive', '31'], '--keepalive must be an integer from 1 to 30, got "31"'],
    [['--conn', '0'], '--conn must be an integer from 1 to 65535, got "0"'],
    [['--streambuf', '5000000'], '--streambuf must be at most --smuxbuf (4194304), got 5000000'],
  ])('%j are refused in one sentence', (argv, message) => {
    expect(() => parsed('client', ...argv)).toThrow(UsageError);
    expect(() => parsed('client', ...argv)).toThrow(message);
  });

  test('of one end are not known to the other', () => {
    expect(() => parsed('server', '--conn', '2')).toThrow(/unknown option '--conn'/);
  });
});

describe('the settings of a session', () => {
  test('are those of the profiles, or of the four flags', () => {
    expect(sessionOptions(parsed('client')).mode).toBe('fast');
    expect(MODES.fast).toEqual({ nodelay: false, interval: 30, resend: 2, nc: true });
    const manual = parsed(
      'client',
      '--mode',
      'manual',
      '--nodelay',
      '1',
      '--interval',
      '15',
      '--resend',
      '3',
      '--nc',
      '1',
    );
    expect(sessionOptions(manual).mode).toEqual({ nodelay: true, interval: 15, resend: 3, nc: true });
  });

  test('have no cipher for null, and refuse a name that kcptun would take for aes', () => {
    expect(sessionOptions(parsed('client', '--crypt', 'null')).cipher).toBeUndefined();
    expect(sessionOptions(parsed('client')).cipher?.name).toMatch(/aes/);
    expect(() => sessionOptions(parsed('client', '--crypt', 'aes-256'))).toThrow(UsageError);
  });

  test('have FEC unless one of its flags is 0', () => {
    expect(sessionOptions(parsed('client')).fec).toEqual({ encode: { data: 10, parity: 3 } });
    expect(sessionOptions(parsed('client', '--ds', '0')).fec).toBeUndefined();
  });
});

describe('addresses', () => {
  test.each([
    [':29900', { host: '', first: 29_900, last: 29_900 }],
    ['vps:3000-4000', { host: 'vps', first: 3000, last: 4000 }],
    ['[::1]:5', { host: '::1', first: 5, last: 5 }],
  ])('%s', (text, range) => expect(portRange('x', text)).toEqual(range));

  test.each(['vps', 'vps:', 'vps:70000', 'vps:5-4', ':x'])('%s is none', (text) => {
    expect(() => portRange('--remoteaddr', text)).toThrow(UsageError);
  });

  test('of streams without a port are paths of Unix sockets', () => {
    expect(streamAddress('x', '/run/app.sock')).toEqual({ path: '/run/app.sock' });
    expect(streamAddress('x', '127.0.0.1:80')).toEqual({ host: '127.0.0.1', port: 80 });
  });
});

test('names of files may have a date in them, by the layout of Go', () => {
  expect(goLayout('./snmp-20060102-150405.log', new Date(2026, 10, 3, 4, 5, 6))).toBe('./snmp-20261103-040506.log');
});
