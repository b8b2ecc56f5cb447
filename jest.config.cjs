/** One run tests one backend: TFJS_BACKEND = cpu | wasm | tensorflow | webgpu (see scripts/test.mjs). */
module.exports = {
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  setupFilesAfterEnv: ['<rootDir>/test/support/setup.ts'],
  transform: {'\\.ts$': '<rootDir>/test/support/transform.cjs'},
  moduleNameMapper: {'^(\\.{1,2}/.*)\\.js$': '$1', '^tfjs-addons$': '<rootDir>/src/index.ts'},
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cjs/', '<rootDir>/.cache/'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 60000,
  coverageProvider: 'v8',
};
