/**
 * One run tests one backend (scripts/test.mjs runs all):
 *   TFJS_BACKEND = cpu | wasm | tensorflow | webgpu    in Node
 *   TFJS_BACKEND = chromium-webgl | chromium-webgpu    in a page of Chromium, through a runner of our own
 */
const [, browserBackend] = /^chromium-(.+)$/.exec(process.env.TFJS_BACKEND ?? '') ?? [];

/** Tests that stand elsewhere too, here on a device with more features. */
const onOtherDevice = '**/test/webgpu_device/kernels.test.ts';
const inFloat16 = '**/test/webgpu_device/float16.test.ts';
const isWebgpu = /webgpu$/.test(process.env.TFJS_BACKEND ?? '');
const leftOut = [...(isWebgpu ? [] : [onOtherDevice]), ...(process.env.TFJS_WEBGPU_FLOAT16 ? [] : [inFloat16])];

const inNode = {testEnvironment: '<rootDir>/test/support/environment.cjs'};
const inBrowser = {
  runner: ['<rootDir>/test/browser/runner.mjs', {backend: browserBackend}],
  testPathIgnorePatterns: ['<rootDir>/test/(node|repo)/', '\\.node\\.test\\.ts$'],
};

module.exports = {
  setupFilesAfterEnv: ['<rootDir>/test/support/setup.ts'],
  transform: {'\\.ts$': '<rootDir>/test/support/transform.cjs'},
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^tfjs-addons$': '<rootDir>/src/index.ts',
    '^tfjs-addons/register$': '<rootDir>/src/register.ts',
    '^tfjs-addons/train$': '<rootDir>/src/optimizers/index.ts',
    '^tfjs-addons/(.+)$': '<rootDir>/src/$1/index.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cjs/', '<rootDir>/.cache/'],
  testMatch: ['<rootDir>/test/**/*.test.ts', ...leftOut.map(pattern => `!${pattern}`)],
  testTimeout: 240000,
  coverageProvider: 'v8',
  ...(browserBackend === undefined ? inNode : inBrowser),
};
