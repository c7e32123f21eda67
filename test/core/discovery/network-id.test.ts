import { describe, expect, test } from 'vitest';
import { networkOf } from '../../../electron/core/discovery/network-id.ts';
import { cafeLink, homeLink, link } from '../../fakes/air.ts';

describe('a network', () => {
  test('is told by its router and its addresses, whatever address this device has there', () => {
    expect(networkOf(homeLink(1))).toEqual(networkOf(homeLink(99)));
    expect(networkOf(homeLink(1))).toEqual({
      id: 'router 02:00:00:00:00:01 192.168.1.0/24',
      label: '192.168.1.0/24',
      hasRouter: true,
      isCertain: true,
    });
  });

  test('with the same addresses behind another router is another', () => {
    expect(networkOf(cafeLink(1))?.label).toBe(networkOf(homeLink(1))?.label);
    expect(networkOf(cafeLink(1))?.id).not.toBe(networkOf(homeLink(1))?.id);
  });

  test('of IPv6 alone is the same one when its provider gives it other addresses', () => {
    const before = networkOf(link('eth0', ['2001:db8:1:2::5/64', 'fe80::5/64']));
    const after = networkOf(link('eth0', ['2001:db8:9:9::5/64', 'fe80::5/64']));
    expect(before?.id).toBe(after?.id);
    expect(before?.label).toBe('2001:db8:1:2::/64');
  });

  test('without a router is told by its addresses, and says by which way', () => {
    expect(networkOf(link('eth1', ['10.9.0.7/24'], { router: undefined }))).toEqual({
      id: 'prefix 10.9.0.0/24',
      label: '10.9.0.0/24 · eth1',
      hasRouter: false,
      isCertain: false,
    });
  });

  test('where devices gave themselves their addresses is that of the one cable', () => {
    const own = ['169.254.3.4/16', 'fe80::1/64'];
    expect(networkOf(link('eth1', own, { router: undefined }))?.id).toBe('link eth1');
    expect(networkOf(link('eth1', [], { router: undefined }))).toBeUndefined();
  });

  test('that a home gave itself counts before one that a provider lends', () => {
    const both = ['2001:db8:1:2::5/64', 'fd00:1::5/64', 'fe80::5/64'];
    expect(networkOf(link('eth0', both, { router: undefined }))?.id).toBe('prefix fd00:1::/64');
  });
});
