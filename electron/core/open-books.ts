import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import type { BooksStart } from './books-worker.ts';
import type { DatabaseFault } from './database/open-database.ts';
import { type BookThread, startBookThread } from './database/thread.ts';

/** Starts the thread of the books; what keeps the database from opening becomes a fault for the owner. */
export async function openBooks(start: BooksStart): Promise<Result<BookThread, Fault>> {
  const entry = new URL('./books-worker.ts', import.meta.url);
  const opened = await startBookThread(entry, start);
  if (opened.ok) return ok(opened.thread);
  // The worker is ours; only the type is lost on the way between threads.
  const problem = opened.fault as DatabaseFault;
  const params: Record<string, string> = { file: start.file };
  for (const [key, value] of Object.entries(problem))
    if (key !== 'code') params[key] = String(value);
  return failed(fault(problem.code, params));
}
