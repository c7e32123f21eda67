import type { Link } from '../ports.ts';

/**
 * What sort of way out an interface is, by the names that systems and programs give them. A wrong guess
 * costs a word on the screen, or a bridge to containers that is listed among the networks.
 */
const VIRTUAL = [
  // Linux: bridges to containers and virtual machines of this very computer.
  /^(docker|veth|br-|virbr|vboxnet|vmnet|lxc|lxd|podman|cni|flannel|cali|dummy|ifb)/,
  // macOS: virtual machines, and what Apple's devices say among themselves.
  /^(bridge1|vmenet|awdl|llw|anpi|ap[0-9])/,
  // Windows.
  /^(vEthernet|VirtualBox|VMware)/i,
];
const VPN = [
  /^(tun|tap|wg|ppp|utun|ipsec|tailscale|zt|nordlynx|proton|mullvad|gpd|cscotun|nebula)/,
  /(VPN|WireGuard|Tailscale|ZeroTier|TAP-Windows|NordLynx|Wintun)/i,
];
const WIRELESS = /^(wl|wlan|ath|wi-?fi|wlp)|wi-?fi|wireless|drahtlos/i;
const CABLE = /^(eth|en[ospx]|em[0-9]|lan|ethernet)/i;

/** `isWireless`: the system says so, where it does. */
export function kindOfLink(interfaceName: string, isWireless: boolean): Link['kind'] {
  if (VIRTUAL.some((pattern) => pattern.test(interfaceName))) return 'virtual';
  if (VPN.some((pattern) => pattern.test(interfaceName))) return 'vpn';
  if (isWireless || WIRELESS.test(interfaceName)) return 'wireless';
  return CABLE.test(interfaceName) ? 'cable' : 'other';
}
