import {unzipSync, zipSync} from 'fflate';

import type {ModelFiles} from '../../engine/protocol.ts';

/** The files in one archive that every system opens. */
export const pack = (files: ModelFiles): Blob =>
  new Blob([zipSync(files) as Uint8Array<ArrayBuffer>], {type: 'application/zip'});

/** The files of an archive that `pack` made, or the single files of a model. */
export async function unpack(chosen: readonly File[]): Promise<ModelFiles> {
  const read = async (file: File) => [file.name, new Uint8Array(await file.arrayBuffer())] as const;
  const files = await Promise.all(chosen.map(read));
  const unpacked = files.flatMap(([name, bytes]) =>
    name.endsWith('.zip') ? Object.entries(unzipSync(bytes)) : [[name, bytes]],
  );
  return Object.fromEntries(
    unpacked.map(([name, bytes]) => [(name as string).replace(/^.*\//, ''), bytes]),
  ) as ModelFiles;
}

/** Hands a file to the visitor. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
