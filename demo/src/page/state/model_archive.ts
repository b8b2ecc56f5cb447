import {unzipSync, zipSync} from 'fflate';

import type {ModelFiles} from '../../engine/protocol.ts';

/** The files in one archive that every system opens. */
export const pack = (files: ModelFiles): Blob =>
  new Blob([zipSync(files) as Uint8Array<ArrayBuffer>], {type: 'application/zip'});

/** The files of an archive that `pack` made, or the single files of a model; folders in their names are left out. */
export async function unpack(chosen: readonly File[]): Promise<ModelFiles> {
  const files: ModelFiles = {};
  for (const file of chosen) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const inside = isArchive(bytes) ? unzipSync(bytes) : {[file.name]: bytes};
    for (const [name, content] of Object.entries(inside))
      files[name.replace(/^.*\//, '')] = content as Uint8Array<ArrayBuffer>;
  }
  return files;
}

/** By its first bytes, as downloads may lose their names. */
const isArchive = (bytes: Uint8Array): boolean => ZIP.every((byte, i) => bytes[i] === byte);
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** Hands a file to the visitor. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
