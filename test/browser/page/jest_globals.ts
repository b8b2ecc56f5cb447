/** `@jest/globals` for a page: jest-circus, expect and jest-mock, as jest has them, without module mocks and timers. */
import {afterAll, afterEach, beforeAll, beforeEach, describe, getState, it, test} from 'jest-circus';
import {ModuleMocker} from 'jest-mock';

const mocker = new ModuleMocker(globalThis);

export {jestExpect as expect} from './jest_expect.js';
export {afterAll, afterEach, beforeAll, beforeEach, describe, it, test};

export const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  clearAllMocks: () => mocker.clearAllMocks(),
  resetAllMocks: () => mocker.resetAllMocks(),
  restoreAllMocks: () => mocker.restoreAllMocks(),
  setTimeout: (milliseconds: number) => {
    getState().testTimeout = milliseconds;
  },
};
