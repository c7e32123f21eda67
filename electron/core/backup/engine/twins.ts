import type { Node } from '../repository/node.ts';

/** Which files are one under several names; undefined: this one has no other name. */
export function twinKeyOf({ links, device_id: device, inode }: Node): string | undefined {
  return links > 1 ? `${device}:${inode}` : undefined;
}

/**
 * Numbers of files are rounded in JSON, so two files of a large number may bear the same one; and one that was read twice may have
 * changed in between. Only what has the same in it is one file.
 */
export function areTwins(one: Node, other: Node): boolean {
  const [first, second] = [one.content ?? [], other.content ?? []];
  return first.length === second.length && first.every((id, at) => id === second[at]);
}
