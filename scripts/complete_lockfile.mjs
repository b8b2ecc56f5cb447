/**
 * Adds to package-lock.json the optional packages of other platforms, after `npm install` has left them out.
 *
 * npm records only what it could place on this machine (https://github.com/npm/cli/issues/4828), and `npm ci` then
 * refuses the lock file. An entry needs the exact version and the platform, which the package's name tells.
 */
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {root} from './pack.mjs';

const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x'];
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = [];
for (const {optionalDependencies = {}, dev, license} of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`;
    if (lock.packages[path] !== undefined) continue;
    lock.packages[path] = {version, ...(dev && {dev}), license, optional: true, ...platformOf(name)};
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'package-lock.json is complete' : `added ${added.join(', ')}`);

function platformOf(name) {
  const system = SYSTEMS.find(system => name.includes(system));
  const processor = PROCESSORS.find(processor => name.includes(processor));
  if (system === undefined || processor === undefined)
    throw new Error(`${name}: no platform in its name; add it by hand`);
  const libc = /musl/.test(name) ? ['musl'] : /gnu/.test(name) ? ['glibc'] : undefined;
  return {cpu: [processor], os: [system], ...(libc && {libc})};
}
