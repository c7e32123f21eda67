/**
 * What may cross between main and a window is what Chromium's structured clone takes; here it crosses
 * a pipe of text. The function runs in Node and, by its source text, in the preload's world: it uses
 * nothing from outside itself.
 */
export type Codec = {
  readonly encode: (value: unknown) => string;
  readonly decode: (text: string) => unknown;
};

/** Everything JSON can't say is an object with a tag under `$`; an object that has a `$` itself gets one too. */
export function makeCodec(): Codec {
  type Tagged = { readonly $?: string; readonly v?: unknown };

  function toBase64(bytes: Uint8Array): string {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }

  function pack(value: unknown, above: readonly unknown[] = []): unknown {
    if (typeof value === 'function' || typeof value === 'symbol')
      throw new Error('An object could not be cloned.');
    if (value === undefined) return { $: 'undefined' };
    if (typeof value === 'bigint') return { $: 'bigint', v: String(value) };
    if (typeof value === 'number' && !Number.isFinite(value))
      return { $: 'number', v: String(value) };
    if (value === null || typeof value !== 'object') return value;
    if (above.includes(value)) throw new Error('The stand-in clones no cycles.');
    const path = [...above, value];
    if (value instanceof Date) return { $: 'date', v: value.getTime() };
    if (value instanceof Error) return { $: 'error', v: [value.name, value.message] };
    if (value instanceof Map)
      return { $: 'map', v: [...value].map(([k, v]) => [pack(k, path), pack(v, path)]) };
    if (value instanceof Set) return { $: 'set', v: [...value].map((each) => pack(each, path)) };
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset, byteLength } = value;
      return { $: 'bytes', v: toBase64(new Uint8Array(buffer, byteOffset, byteLength)) };
    }
    if (value instanceof ArrayBuffer) return { $: 'bytes', v: toBase64(new Uint8Array(value)) };
    if ('then' in value && typeof value.then === 'function')
      throw new Error('An object could not be cloned.');
    if (Array.isArray(value)) return value.map((each) => pack(each, path));
    const packed: Record<string, unknown> = {};
    for (const [key, each] of Object.entries(value)) packed[key] = pack(each, path);
    return '$' in packed ? { $: 'object', v: packed } : packed;
  }

  function unpackObject(value: object): Record<string, unknown> {
    const unpacked: Record<string, unknown> = {};
    for (const [key, each] of Object.entries(value)) unpacked[key] = unpack(each);
    return unpacked;
  }

  function unpack(value: unknown): unknown {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(unpack);
    const { $: tag, v } = value as Tagged;
    switch (tag) {
      case 'undefined':
        return undefined;
      case 'bigint':
        return BigInt(v as string);
      case 'number':
        return Number(v);
      case 'date':
        return new Date(v as number);
      case 'error': {
        const [name, message] = v as [string, string];
        return Object.assign(new Error(message), { name });
      }
      case 'map':
        return new Map((v as [unknown, unknown][]).map(([k, each]) => [unpack(k), unpack(each)]));
      case 'set':
        return new Set((v as unknown[]).map(unpack));
      case 'bytes':
        return Uint8Array.from(atob(v as string), (letter) => letter.charCodeAt(0));
      case 'object':
        return unpackObject(v as object);
      default:
        return unpackObject(value);
    }
  }

  return {
    encode: (value) => JSON.stringify(pack(value)),
    decode: (text) => unpack(JSON.parse(text)),
  };
}
