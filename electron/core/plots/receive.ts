import type { FileHandle } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { release, releaseChunk } from '../memory.ts';

/**
 * Takes a body to a file. What arrives is copied into two pieces of memory that take turns, one of which is on its way to
 * the disk, and its own memory goes back at once: a TLS record each, left to the collector, would have it look through the
 * whole program for every 64 MB that a friend sends.
 */
export type Received = 'ended' | 'too-long' | 'too-slow' | 'broken-off';

/** What a body must move at least: half a kilobyte a second is slower than any line one can back up over. */
export type MinimumRate = { readonly bytes: number; readonly withinMs: number };

/** Fewer, larger writes: one system call for dozens of TLS records. */
const PIECE_BYTES = 512 * 1024;
const PIECES = 2;

export function receive(
  file: FileHandle,
  body: Readable,
  {
    sizeBytes,
    rate,
    onPiece,
  }: {
    /** What was announced. */
    readonly sizeBytes: number;
    readonly rate: MinimumRate;
    /** Called with the bytes in their order; they are lent until it returns. */
    readonly onPiece: (bytes: Buffer) => void;
  },
): Promise<{ readonly how: Received; readonly length: number }> {
  // Node makes each chunk of a request for its reader alone; a chunk of something else may be somebody's.
  const isOurs = body instanceof IncomingMessage;
  const { bytes: leastBytes, withinMs } = rate;
  const pieceBytes = Math.max(1, Math.min(PIECE_BYTES, sizeBytes));
  const free: Buffer[] = [];
  let made = 0;
  let piece: Buffer | undefined;
  let filled = 0;
  let rest: { readonly chunk: Buffer; readonly at: number } | undefined;
  let writing: Promise<void> = Promise.resolve();
  let length = 0;
  let bytes = 0;
  let waitedMs = 0;
  let sinceMs = performance.now();
  let hasEnded = false;
  let isOver = false;

  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // It is the disk that takes its time.
      if (rest !== undefined) timer.refresh();
      else {
        end('too-slow');
        body.destroy();
      }
    }, withinMs);

    function end(how: Received): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      body.off('data', onData);
      if (how === 'ended') send();
      else body.pause();
      writing
        .finally(() => {
          for (const each of free) release(each);
        })
        .then(() => resolve({ how, length }), reject);
    }

    function nextPiece(): Buffer | undefined {
      if (free.length === 0 && made < PIECES) {
        made += 1;
        return Buffer.allocUnsafeSlow(pieceBytes);
      }
      return free.pop();
    }

    /** The piece goes to the disk, after those before it. */
    function send(): void {
      const whole = piece;
      if (whole === undefined) return;
      const full = whole.subarray(0, filled);
      piece = undefined;
      filled = 0;
      onPiece(full);
      writing = writing
        .then(() => writeAll(file, full))
        .then(() => {
          free.push(whole);
          goOn();
        });
      writing.catch(() => end('broken-off'));
    }

    function goOn(): void {
      const waiting = rest;
      if (waiting === undefined || isOver) return;
      rest = undefined;
      take(waiting.chunk, waiting.at);
      if (rest !== undefined) return;
      if (hasEnded) return end('ended');
      sinceMs = performance.now();
      body.resume();
    }

    function take(chunk: Buffer, from: number): void {
      for (let at = from; at < chunk.length; ) {
        piece ??= nextPiece();
        if (piece === undefined) {
          rest = { chunk, at };
          return;
        }
        const copied = chunk.copy(piece, filled, at);
        at += copied;
        filled += copied;
        if (filled === piece.length) send();
      }
      if (isOurs) releaseChunk(chunk);
    }

    function onData(came: Buffer | string): void {
      const chunk = Buffer.isBuffer(came) ? came : Buffer.from(came);
      timer.refresh();
      waitedMs += performance.now() - sinceMs;
      length += chunk.length;
      bytes += chunk.length;
      if (length > sizeBytes) return end('too-long');
      if (waitedMs > withinMs) {
        if (bytes < leastBytes) return end('too-slow');
        bytes = 0;
        waitedMs = 0;
      }
      take(chunk, 0);
      if (rest !== undefined) body.pause();
      sinceMs = performance.now();
    }

    if (body.destroyed) return end('broken-off');
    body.once('end', () => {
      // Said at once after the last chunk, of which a part may still wait.
      hasEnded = true;
      if (rest === undefined) end('ended');
    });
    body.once('error', () => end('broken-off'));
    body.once('close', () => {
      if (!hasEnded) end('broken-off');
    });
    body.on('data', onData);
  });
}

/** A disk that is all but full writes less than asked, without an error. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}
