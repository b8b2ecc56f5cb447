/// <reference types="node" />
import {execFileSync} from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';

import {SetupError} from './setup_error.js';

/** Copies members of wheels: their names begin with one of the prefixes. */
const UNPACK = `
import sys, zipfile
target, prefixes, *wheels = sys.argv[1:]
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith(tuple(prefixes.split(","))) and not name.endswith("/"):
                archive.extract(name, target)
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        with open(target + "/METADATA", "ab") as file:
            file.write(archive.read(metadata))
`;

/** The tags of wheels that run wherever TensorFlow's do. */
const PLATFORMS = ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'];

/** Wheels of PyPI, fetched by pip and unpacked once into a cache; no Python environment is touched. */
export class Wheels {
  constructor(
    private readonly python: string,
    private readonly cache: string,
    private readonly log: (line: string) => void,
  ) {}

  /** A folder with `tensorflow/libtensorflow*` and `tensorflow/include`. */
  tensorflow(version: string, gpu: boolean): string {
    const name = gpu ? 'tensorflow' : 'tensorflow-cpu';
    const prefixes = ['tensorflow/libtensorflow', 'tensorflow/include/'];
    return this.unpacked(`${name}-${version}`, [`${name}==${version}`], prefixes);
  }

  /** A folder with `nvidia/<library>/lib`: the CUDA libraries that a TensorFlow wheel names for itself. */
  cuda(version: string, tensorflow: string): string {
    const requirements = [
      ...readFileSync(join(tensorflow, 'METADATA'), 'utf8').matchAll(/^Requires-Dist: (nvidia-[^;]+);/gm),
    ];
    return this.unpacked(
      `cuda-for-tensorflow-${version}`,
      requirements.map(([, name]) => name.trim()),
      ['nvidia/'],
    );
  }

  private unpacked(name: string, requirements: string[], prefixes: string[]): string {
    const folder = join(this.cache, name);
    if (existsSync(folder)) return folder;
    mkdirSync(this.cache, {recursive: true});
    const work = mkdtempSync(join(this.cache, 'unpacking-'));
    try {
      this.log(`Downloading ${requirements.join(', ')} from PyPI`);
      this.download(requirements, work);
      const wheels = readdirSync(work)
        .filter(file => file.endsWith('.whl'))
        .map(file => join(work, file));
      execFileSync(this.python, ['-c', UNPACK, work, prefixes.join(','), ...wheels], {stdio: 'inherit'});
      for (const wheel of wheels) rmSync(wheel);
      writeFileSync(join(work, 'REQUIREMENTS'), `${requirements.join('\n')}\n`);
      renameSync(work, folder); // whole or not at all
    } finally {
      rmSync(work, {recursive: true, force: true});
    }
    return folder;
  }

  private download(requirements: string[], target: string): void {
    const platforms = PLATFORMS.flatMap(platform => ['--platform', platform]);
    const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--dest', target];
    try {
      execFileSync(
        this.python,
        ['-m', 'pip', 'download', ...options, '--python-version', '3.11', ...platforms, ...requirements],
        {stdio: 'inherit'},
      );
    } catch {
      throw new SetupError(
        `pip could not download ${requirements.join(', ')}`,
        'Its message is above. A mirror is named by PIP_INDEX_URL, a proxy by HTTPS_PROXY.',
      );
    }
  }
}
