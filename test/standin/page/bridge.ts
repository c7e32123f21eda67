/**
 * One half of the context bridge, installed in both JavaScript worlds of a window: the page's and the
 * preload's. They share the DOM and nothing else, so calls cross as synchronous events whose detail
 * Chromium clones; functions and promises cross as numbers. Shipped as source text: it uses nothing
 * from outside itself.
 */
export type BridgeHalf = { readonly expose: (name: string, value: unknown) => void };

export function installBridge(hear: string, tell: string): BridgeHalf {
  type AnyFunction = (...args: unknown[]) => unknown;
  type Message = {
    readonly expose?: string;
    readonly call?: number;
    readonly fn?: number;
    readonly args?: readonly unknown[];
    readonly returned?: number;
    readonly settle?: number;
    readonly value?: unknown;
    readonly error?: string;
  };
  type Settling = {
    readonly resolve: (value: unknown) => void;
    readonly reject: (reason: Error) => void;
  };
  const local = new Map<number, AnyFunction>();
  const returns = new Map<number, Message>();
  const promises = new Map<number, Settling>();
  let lastId = 0;

  function say(detail: Message): void {
    document.dispatchEvent(new CustomEvent(tell, { detail }));
  }

  function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
  }

  function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
    return (
      typeof value === 'object' &&
      value !== null &&
      Object.getPrototypeOf(value) === Object.prototype
    );
  }

  function pack(value: unknown): unknown {
    if (typeof value === 'function') {
      lastId += 1;
      local.set(lastId, value as AnyFunction);
      return { $function: lastId };
    }
    if (value instanceof Promise) {
      lastId += 1;
      const settle = lastId;
      value.then(
        (result) => say({ settle, value: pack(result) }),
        (error) => say({ settle, error: messageOf(error) }),
      );
      return { $promise: settle };
    }
    if (Array.isArray(value)) return value.map(pack);
    if (isPlain(value))
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, pack(each)]));
    return value;
  }

  function proxyOf(fn: number): AnyFunction {
    return (...args) => {
      lastId += 1;
      const call = lastId;
      say({ call, fn, args: args.map(pack) });
      const answer = returns.get(call);
      returns.delete(call);
      if (answer?.error !== undefined) throw new Error(answer.error);
      return unpack(answer?.value);
    };
  }

  /** What arrives is frozen, as Electron freezes it. */
  function unpack(value: unknown): unknown {
    if (Array.isArray(value)) return Object.freeze(value.map(unpack));
    if (!isPlain(value)) return value;
    if (typeof value['$function'] === 'number') return proxyOf(value['$function']);
    const promise = value['$promise'];
    if (typeof promise === 'number')
      return new Promise((resolve, reject) => promises.set(promise, { resolve, reject }));
    return Object.freeze(
      Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unpack(each)])),
    );
  }

  function answer(call: number, { fn = 0, args = [] }: Message): void {
    try {
      say({ returned: call, value: pack(local.get(fn)?.(...args.map(unpack))) });
    } catch (error) {
      say({ returned: call, error: messageOf(error) });
    }
  }

  document.addEventListener(hear, (event) => {
    const message = (event as CustomEvent<Message>).detail;
    if (message.expose !== undefined)
      Object.defineProperty(window, message.expose, {
        value: unpack(message.value),
        enumerable: true,
      });
    else if (message.call !== undefined) answer(message.call, message);
    else if (message.returned !== undefined) returns.set(message.returned, message);
    else if (message.settle !== undefined) {
      const waiting = promises.get(message.settle);
      promises.delete(message.settle);
      if (message.error !== undefined) waiting?.reject(new Error(message.error));
      else waiting?.resolve(unpack(message.value));
    }
  });

  return {
    expose: (name, value) => {
      if (name in window)
        throw new Error('Cannot bind an API on top of an existing property on the window object');
      say({ expose: name, value: pack(value) });
    },
  };
}
