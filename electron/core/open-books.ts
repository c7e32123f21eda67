import { dirname } from 'node:path';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import type { BooksStart } from './books-worker.ts';
import type { DatabaseFault } from './database/open-database.ts';
import { type BookThread, startBookThread } from './database/thread.ts';

export const BOOKS_THREAD = new URL('./books-worker.ts', import.meta.url);

/** Starts the thread of the books; what keeps the database from opening becomes a fault for the owner. */
export async function openBooks(start: BooksStart): Promise<Result<BookThread, Fault>> {
  const toFault = (problem: unknown) => faultOf(problem, start.file);
  const opened = await startBookThread(BOOKS_THREAD, start, toFault);
  return opened.ok ? ok(opened.thread) : failed(toFault(opened.fault));
}

/** What is wrong with a database of the home's, for its owner. */
export function faultOf(found: unknown, file: string): Fault {
  // The worker is ours; only the type is lost on the way between threads.
  const problem = found as DatabaseFault;
  const params: Record<string, string> = { file, folder: dirname(file) };
  for (const [key, value] of Object.entries(problem))
    if (key !== 'code') params[key] = String(value);
  return fault(problem.code, params);
}
