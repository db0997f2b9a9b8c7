import type { Option } from '../../domain/words.ts';
import type { VolumeWriter } from '../../volume/volume.ts';
import type { SourceOpener } from '../scan/source-spec.ts';
import type { Control } from '../threads/control.ts';

/** What processing uses of its thread: where objects are opened, and where what is made of them is written. */
export interface ProcessingThread {
  open: SourceOpener;
  writer: VolumeWriter;
  control: Control;
  option: Option;
  /** Size of the job's device, bytes. */
  sizeBytes: number;
}
