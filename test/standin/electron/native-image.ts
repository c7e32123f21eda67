import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'node:path';
import type * as Electron from 'electron';

/**
 * Images as main makes them: representations by scale factor, each a PNG whose size is read from its
 * header. What Electron can't decode (a missing file, an SVG) is an empty image here too, without a word.
 */
type Representation = { readonly png: Buffer; readonly width: number; readonly height: number };

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const DATA_URL = /^data:image\/png;base64,/;

function decode(png: Buffer): Representation | undefined {
  if (png.length < 24 || !png.subarray(0, 8).equals(SIGNATURE)) return undefined;
  return { png, width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

export class NativeImage {
  static createEmpty(): NativeImage {
    return new NativeImage();
  }
  static createFromBuffer(buffer: Buffer, options: Electron.CreateFromBufferOptions = {}) {
    const image = new NativeImage();
    image.addRepresentation({ buffer, scaleFactor: options.scaleFactor ?? 1 });
    return image;
  }
  static createFromDataURL(dataURL: string): NativeImage {
    const image = new NativeImage();
    image.addRepresentation({ dataURL });
    return image;
  }
  /** `name@2x.png` beside `name.png` is the same image for a finer screen. */
  static createFromPath(path: string): NativeImage {
    const image = new NativeImage();
    const { dir, name, ext } = parse(path);
    for (const [suffix, scaleFactor] of [
      ['', 1],
      ['@2x', 2],
      ['@3x', 3],
    ] as const) {
      const file = `${dir}/${name}${suffix}${ext}`;
      if (existsSync(file)) image.addRepresentation({ buffer: readFileSync(file), scaleFactor });
    }
    // macOS knows by the name that an image is only a shape.
    image.setTemplateImage(name.endsWith('Template'));
    return image;
  }

  readonly #representations = new Map<number, Representation>();
  #template = false;

  addRepresentation({ scaleFactor = 1, buffer, dataURL }: Electron.AddRepresentationOptions): void {
    const png =
      buffer ??
      (dataURL !== undefined && DATA_URL.test(dataURL)
        ? Buffer.from(dataURL.replace(DATA_URL, ''), 'base64')
        : undefined);
    const decoded = png === undefined ? undefined : decode(png);
    if (decoded !== undefined) this.#representations.set(scaleFactor, decoded);
  }
  #nearest(scaleFactor: number): [number, Representation] | undefined {
    const own = this.#representations.get(scaleFactor);
    return own === undefined ? [...this.#representations][0] : [scaleFactor, own];
  }
  isEmpty(): boolean {
    return this.#representations.size === 0;
  }
  getScaleFactors(): number[] {
    return [...this.#representations.keys()];
  }
  getSize(scaleFactor = 1): Electron.Size {
    const [scale, found] = this.#nearest(scaleFactor) ?? [1, undefined];
    return { width: (found?.width ?? 0) / scale, height: (found?.height ?? 0) / scale };
  }
  getAspectRatio(): number {
    const { width, height } = this.getSize();
    return height === 0 ? 1 : width / height;
  }
  toPNG({ scaleFactor = 1 }: Electron.ToPNGOptions = {}): Buffer {
    return this.#nearest(scaleFactor)?.[1].png ?? Buffer.alloc(0);
  }
  toDataURL(options: Electron.ToDataURLOptions = {}): string {
    return `data:image/png;base64,${this.toPNG(options).toString('base64')}`;
  }
  /** Nobody looks at the pixels, so they stay as they are. */
  resize(): NativeImage {
    return this;
  }
  setTemplateImage(option: boolean): void {
    this.#template = option;
  }
  isTemplateImage(): boolean {
    return this.#template;
  }
  get isMacTemplateImage(): boolean {
    return this.#template;
  }
  set isMacTemplateImage(option: boolean) {
    this.#template = option;
  }
}
