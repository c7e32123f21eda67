import { describe, expect, test } from 'vitest';
import { kindOfLink } from '../../../electron/core/adapters/link-kind.ts';
import { bareLinks } from '../../../electron/core/adapters/node-networks.ts';
import {
  linuxGateways,
  linuxGateways6,
  linuxNeighbours,
  macGateways,
  macNeighbours,
  windowsGateways,
  windowsNeighbours,
} from '../../../electron/core/adapters/router-tables.ts';
import {
  type BareLink,
  createRouters,
  type Tables,
} from '../../../electron/core/adapters/routers.ts';

const LINUX_ROUTE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
wg0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
`;
const LINUX_ARP = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         3C:a6:2f:00:00:01     *        eth0
192.168.1.7      0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.1.1      0x1         0x2         3c:a6:2f:00:00:02     *        wlan0
`;
const LINUX_ROUTE6 = `fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000003ea62ffffe000001 00000400 00000001 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;
const MAC_ROUTE = `   route to: default
destination: default
       mask: default
    gateway: 192.168.1.1
  interface: en0
      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>
`;
const MAC_ARP = `? (192.168.1.1) at 3c:a6:2f:0:0:1 on en0 ifscope [ethernet]
? (192.168.1.33) at (incomplete) on en0 ifscope [ethernet]
? (192.168.1.255) at ff:ff:ff:ff:ff:ff on en0 ifscope [ethernet]
`;
const WINDOWS_ROUTE = `===========================================================================
Schnittstellenliste
 12...3c a6 2f 00 00 09 ......Intel(R) Ethernet Connection
===========================================================================

IPv4-Routentabelle
===========================================================================
Aktive Routen:
     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik
          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.20     25
        127.0.0.0        255.0.0.0   Auf Verbindung         127.0.0.1    331
===========================================================================
`;
const WINDOWS_ARP = `
Schnittstelle: 192.168.56.1 --- 0x7
  Internetadresse       Physische Adresse     Typ
  192.168.56.255        ff-ff-ff-ff-ff-ff     statisch

Schnittstelle: 192.168.1.20 --- 0xc
  Internetadresse       Physische Adresse     Typ
  192.168.1.1           3c-a6-2f-00-00-01     dynamisch
`;

const eth0: BareLink = {
  interfaceName: 'eth0',
  kind: 'cable',
  addresses: [{ address: '192.168.1.20', family: 4, prefix: 24 }],
};
const none: Tables = { gateways: [], gateways6: [], neighbours: [] };
const linux: Tables = {
  gateways: linuxGateways(LINUX_ROUTE),
  gateways6: linuxGateways6(LINUX_ROUTE6),
  neighbours: linuxNeighbours(LINUX_ARP),
};

describe('what systems say of routers', () => {
  test('is read from Linux', () => {
    expect(linux.gateways).toEqual([{ at: 'eth0', gateway: '192.168.1.1' }]);
    expect(linux.gateways6).toEqual([
      { at: 'eth0', gateway: 'fe80:0000:0000:0000:3ea6:2fff:fe00:0001' },
    ]);
    expect(linux.neighbours).toEqual([
      { address: '192.168.1.1', at: 'eth0', hardware: '3c:a6:2f:00:00:01' },
      { address: '192.168.1.1', at: 'wlan0', hardware: '3c:a6:2f:00:00:02' },
    ]);
  });

  test('is read from macOS, whose bytes have no zeros in front', () => {
    expect(macGateways(MAC_ROUTE)).toEqual([{ at: 'en0', gateway: '192.168.1.1' }]);
    expect(macNeighbours(MAC_ARP)).toEqual([
      { address: '192.168.1.1', at: 'en0', hardware: '3c:a6:2f:00:00:01' },
    ]);
  });

  test('is read from Windows in any language', () => {
    expect(windowsGateways(WINDOWS_ROUTE)).toEqual([
      { at: '192.168.1.20', gateway: '192.168.1.1' },
    ]);
    expect(windowsNeighbours(WINDOWS_ARP)).toEqual([
      { address: '192.168.1.1', at: '192.168.1.20', hardware: '3c:a6:2f:00:00:01' },
    ]);
    expect(windowsNeighbours(WINDOWS_ARP.replaceAll('\n', '\r\n'))).toHaveLength(1);
    expect(windowsGateways(WINDOWS_ROUTE.replaceAll('\n', '\r\n'))).toHaveLength(1);
  });

  test('is nothing where there is nothing, or something else', () => {
    const parsers = [linuxGateways, linuxGateways6, linuxNeighbours, macGateways, macNeighbours];
    for (const parse of [...parsers, windowsGateways, windowsNeighbours])
      for (const text of ['', '\n', 'command not found', '\u0000'.repeat(100)])
        expect(parse(text)).toEqual([]);
  });
});

describe('a link', () => {
  function world() {
    const state = { nowMs: 0 };
    const routers = createRouters({ monotonicMs: () => state.nowMs });
    return { state, routers };
  }

  test('gets the router of its own interface', () => {
    const { routers } = world();
    const wlan0 = { ...eth0, interfaceName: 'wlan0' };
    expect(routers.complete([eth0, wlan0], linux)).toEqual([
      { ...eth0, router: '3c:a6:2f:00:00:01' },
      { ...wlan0, router: undefined },
    ]);
  });

  test('waits for its router to be resolved, but not for ever', () => {
    const { state, routers } = world();
    const unresolved = { ...linux, neighbours: [] };
    expect(routers.complete([eth0], unresolved)).toEqual([]);
    state.nowMs = 9000;
    expect(routers.complete([eth0], undefined)).toEqual([]);
    state.nowMs = 10_000;
    expect(routers.complete([eth0], unresolved)).toEqual([{ ...eth0, router: undefined }]);
    expect(routers.complete([eth0], linux)).toMatchObject([{ router: '3c:a6:2f:00:00:01' }]);
  });

  test('keeps its router while that is switched off, and not when it comes back elsewhere', () => {
    const { routers } = world();
    routers.complete([eth0], linux);
    expect(routers.complete([eth0], { ...linux, neighbours: [] })).toMatchObject([
      { router: '3c:a6:2f:00:00:01' },
    ]);
    routers.complete([], none);
    expect(routers.complete([eth0], { ...linux, neighbours: [] })).toEqual([]);
    const elsewhere = [{ address: '192.168.1.1', at: 'eth0', hardware: '3c:a6:2f:00:00:99' }];
    expect(routers.complete([eth0], { ...linux, neighbours: elsewhere })).toMatchObject([
      { router: '3c:a6:2f:00:00:99' },
    ]);
  });

  test('of IPv6 alone is told by that router’s own address', () => {
    const { routers } = world();
    const only6: BareLink = {
      ...eth0,
      addresses: [{ address: 'fe80::20', family: 6, prefix: 64 }],
    };
    expect(routers.complete([only6], { ...linux, gateways: [] })).toMatchObject([
      { router: 'fe80:0000:0000:0000:3ea6:2fff:fe00:0001' },
    ]);
  });

  test('is what the system calls an interface that is not its own loopback', () => {
    const info = { netmask: '', mac: '', internal: false };
    expect(
      bareLinks(
        {
          lo: [
            { ...info, address: '127.0.0.1', family: 'IPv4', cidr: '127.0.0.1/8', internal: true },
          ],
          wlan0: [
            { ...info, address: '10.0.0.2', family: 'IPv4', cidr: '10.0.0.2/8' },
            { ...info, address: 'fe80::2', family: 'IPv6', cidr: 'fe80::2/64', scopeid: 3 },
          ],
          odd0: [{ ...info, address: '10.0.0.9', family: 'IPv4', cidr: null }],
        },
        (name) => name === 'wlan0',
      ),
    ).toEqual([
      {
        interfaceName: 'wlan0',
        kind: 'wireless',
        addresses: [
          { address: '10.0.0.2', family: 4, prefix: 8 },
          { address: 'fe80::2', family: 6, prefix: 64 },
        ],
      },
    ]);
  });

  test('is of a kind that its name tells', () => {
    const kinds = {
      cable: ['eth0', 'enp3s0', 'eno1', 'Ethernet', 'Ethernet 2', 'LAN-Verbindung'],
      wireless: ['wlan0', 'wlp2s0', 'Wi-Fi', 'WLAN', 'Drahtlosnetzwerkverbindung'],
      vpn: ['tun0', 'wg0', 'tailscale0', 'utun4', 'ppp0', 'Tailscale', 'ProtonVPN TUN'],
      virtual: [
        'docker0',
        'br-4c1f0a',
        'veth12ab',
        'virbr0',
        'bridge100',
        'awdl0',
        'vEthernet (WSL)',
      ],
      other: ['en0', 'usb0', 'bnep0'],
    };
    for (const [kind, names] of Object.entries(kinds))
      for (const name of names) expect([name, kindOfLink(name, false)]).toEqual([name, kind]);
    expect(kindOfLink('usb0', true)).toBe('wireless');
  });
});
