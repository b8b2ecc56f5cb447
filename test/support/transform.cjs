/** jest transformer: TypeScript to CommonJS with esbuild, which the build uses as well. */
const crypto = require('node:crypto');
const esbuild = require('esbuild');

module.exports = {
  getCacheKey: (source, file, options) =>
    crypto.createHash('sha1').update(`${source}${file}${esbuild.version}${options.instrument}`).digest('hex'),
  process(source, file) {
    const {code, map} = esbuild.transformSync(source, {
      loader: 'ts',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'both',
      sourcefile: file,
      supported: {'dynamic-import': false}, // jest's sandbox cannot import(); it becomes require
    });
    return {code, map};
  },
};
