/**
 * One run tests one backend (scripts/test.mjs runs all):
 *   TFJS_BACKEND = cpu | wasm | tensorflow | webgpu    in Node
 *   TFJS_BACKEND = chromium-webgl | chromium-webgpu    in a page of Chromium, through a runner of our own
 */
const [, browserBackend] = /^chromium-(.+)$/.exec(process.env.TFJS_BACKEND ?? '') ?? [];

/** Tests that stand elsewhere too, here on a device with more features. */
const onOtherDevice = '**/test/webgpu_device/kernels.test.ts';
const isWebgpu = /webgpu$/.test(process.env.TFJS_BACKEND ?? '');

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
  testMatch: ['<rootDir>/test/**/*.test.ts', ...(isWebgpu ? [] : [`!${onOtherDevice}`])],
  testTimeout: 240000,
  coverageProvider: 'v8',
  ...(browserBackend === undefined ? inNode : inBrowser),
};
