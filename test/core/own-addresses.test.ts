import { describe, expect, test } from 'vitest';
import { type Interfaces, ownAddresses } from '../../electron/core/own-addresses.ts';

const v4 = (address: string, internal = false) => ({ address, family: 'IPv4' as const, internal });
const v6 = (address: string, internal = false) => ({ address, family: 'IPv6' as const, internal });
const of = (interfaces: Interfaces, host?: string) =>
  ownAddresses({ host, port: 24816, interfaces });

describe('the addresses that a friend is told', () => {
  test('begin with the home network, then private ones, then those of a VPN, then IPv6', () => {
    const all = {
      eth1: [v6('2001:db8::1'), v4('203.0.113.7')],
      tailscale0: [v4('100.101.102.103')],
      eth0: [v4('10.0.0.5')],
      wlan0: [v4('192.168.1.20')],
    };
    expect(of(all)).toEqual([
      '192.168.1.20:24816',
      '10.0.0.5:24816',
      '100.101.102.103:24816',
      '203.0.113.7:24816',
    ]);
    expect(of({ eth1: all.eth1 })).toEqual(['203.0.113.7:24816', '[2001:db8::1]:24816']);
  });

  test('leave out what leads nowhere: itself, its containers, what it gave itself', () => {
    expect(
      of({
        lo: [v4('127.0.0.1', true), v6('::1', true)],
        docker0: [v4('172.17.0.1')],
        'br-4c1f': [v4('172.18.0.1')],
        eth0: [v4('169.254.9.9'), v6('fe80::1')],
      }),
    ).toEqual([]);
  });

  test('are the one that is listened at, if it is only one', () => {
    expect(of({ wlan0: [v4('192.168.1.20')] }, '127.0.0.1')).toEqual(['127.0.0.1:24816']);
    expect(of({ wlan0: [v4('192.168.1.20')] }, '::')).toEqual(['192.168.1.20:24816']);
  });

  test('are none while nothing listens', () => {
    const interfaces = { wlan0: [v4('192.168.1.20')] };
    expect(ownAddresses({ host: undefined, port: undefined, interfaces })).toEqual([]);
  });
});
