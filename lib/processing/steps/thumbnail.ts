import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WaybillError } from '../../domain/errors.ts';
import type { CompiledStep } from '../compiled-plan.ts';
import type { RunningStep } from '../object-stream.ts';
import { once } from './checksums.ts';
import { gather } from './streams.ts';

type Sharp = typeof import('sharp')['default'];

const IMAGE_BYTES_MAX = 256 * 1024 ** 2;
/** A small file can claim to be a picture of terabytes. */
const PIXELS_MAX = 268_402_689;

/** From beside the program, or from the folder it was started in. */
async function loadSharp(): Promise<Sharp> {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    const here = createRequire(pathToFileURL(join(process.cwd(), 'package.json')));
    try {
      return here('sharp') as Sharp;
    } catch {
      throw unavailable(error);
    }
  }
}

const unavailable = (error: unknown): WaybillError =>
  new WaybillError(
    'ProcessingUnavailable',
    {
      step: 'thumbnail',
      detail: 'sharp is not installed',
      fix: 'npm install sharp in the folder you start waybill from, or make the job without this step',
    },
    { cause: error },
  );

/** Throws ProcessingUnavailable. */
export async function requireSharp(): Promise<void> {
  await loadSharp();
}

/** A smaller picture, never a larger one, upright as its EXIF data says, without metadata. */
export function thumbnailStep(step: CompiledStep): RunningStep {
  const { width, height, format, quality } = step.plan;
  return {
    async *run(input) {
      const sharp = await loadSharp();
      sharp.concurrency(1);
      const image = await gather(input.body, IMAGE_BYTES_MAX);
      const small = await sharp(image, { limitInputPixels: PIXELS_MAX, failOn: 'error' })
        .rotate()
        .resize({
          width: Number(width),
          height: Number(height),
          fit: 'inside',
          withoutEnlargement: true,
        })
        .toFormat(format as 'jpeg' | 'png' | 'webp', { quality: Number(quality) })
        .toBuffer();
      const key = step.nameOf(input.key);
      const contentType = `image/${String(format)}`;
      yield { ...input, key, bytes: small.length, contentType, body: once(small) };
    },
  };
}
