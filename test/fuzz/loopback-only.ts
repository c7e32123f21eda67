import { syncBuiltinESMExports } from 'node:module';
import names from 'node:dns/promises';
import { Socket } from 'node:net';

/**
 * Made-up addresses must not become calls to somebody: while this holds, a socket of this process goes to this machine
 * or nowhere, and no name is looked up.
 */
export function stayOnLoopback(): () => void {
  const { connect } = Socket.prototype;
  const { lookup } = names;
  Socket.prototype.connect = function guarded(this: Socket, ...args: unknown[]) {
    if (isHere(args)) return Reflect.apply(connect, this, args) as Socket;
    const error = Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH' });
    process.nextTick(() => this.destroy(error));
    return this;
  };
  const nobody = () => Promise.reject(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }));
  Object.assign(names, { lookup: nobody });
  syncBuiltinESMExports();
  return () => {
    Socket.prototype.connect = connect;
    Object.assign(names, { lookup });
    syncBuiltinESMExports();
  };
}

/** Node itself calls with its arguments in a list that it has read already. */
function isHere(args: readonly unknown[]): boolean {
  const [first] = args;
  const given: unknown = Array.isArray(first) ? first[0] : first;
  if (typeof given === 'string') return true;
  const { host, path } = (given ?? {}) as { readonly host?: unknown; readonly path?: unknown };
  if (typeof path === 'string') return true;
  const named = typeof args[1] === 'string' ? args[1] : host;
  return named === undefined || named === '127.0.0.1' || named === '::1' || named === 'localhost';
}
