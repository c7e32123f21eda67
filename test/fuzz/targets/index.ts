import type { Target } from '../target.ts';
import { addressBook, introduction, manifest, note, statement, ticket, voucher } from './papers.ts';
import { contractChannels } from './contract.ts';
import { hostileHost } from './hostile-host.ts';
import { tls } from './tls.ts';
import { controlDoor, ipc, webDoor } from './local-doors.ts';
import { blob, index, keyFile, packHeader, snapshots, tree } from './repository.ts';
import { wire } from './wire.ts';
import { adverts, deviceMessages, shownText } from './words.ts';

/** Every target, the quick ones first. */
export const targets: readonly Target[] = [
  packHeader,
  blob,
  index,
  snapshots,
  tree,
  keyFile,
  manifest,
  addressBook,
  voucher,
  introduction,
  ticket,
  note,
  statement,
  adverts,
  deviceMessages,
  shownText,
  webDoor,
  controlDoor,
  ipc,
  contractChannels,
  wire,
  tls,
  hostileHost,
];
