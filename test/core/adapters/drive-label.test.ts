import { expect, test } from 'vitest';
import { mountOf } from '../../../electron/core/adapters/drive-label.ts';

const MOUNTS = [
  'sysfs /sys sysfs rw 0 0',
  '/dev/sda2 / ext4 rw 0 0',
  '/dev/sda3 /home ext4 rw 0 0',
  '/dev/sdb1 /media/ben/Holiday\\040photos ext4 rw 0 0',
  'tmpfs /media/ben/Holiday\\040photos/old tmpfs rw 0 0',
  '/dev/sdc1 /media/ben/Holiday\\040photos/old vfat rw 0 0',
].join('\n');

test.each([
  ['/', '/dev/sda2', '/'],
  ['/srv/spare', '/dev/sda2', '/'],
  ['/home/ben/spare', '/dev/sda3', '/home'],
  ['/homestead', '/dev/sda2', '/'],
  ['/media/ben/Holiday photos', '/dev/sdb1', '/media/ben/Holiday photos'],
  ['/media/ben/Holiday photos/spare', '/dev/sdb1', '/media/ben/Holiday photos'],
  // What was mounted last lies on top.
  ['/media/ben/Holiday photos/old/spare', '/dev/sdc1', '/media/ben/Holiday photos/old'],
])('%s lies on %s', (path, device, point) => {
  expect(mountOf(MOUNTS, path)).toEqual({ device, point });
});

test('where nothing is known nothing is said', () => {
  expect(mountOf('', '/srv')).toBeUndefined();
});
