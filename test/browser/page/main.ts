/**
 * Runs one test file in this page with jest-circus.
 *
 * The runner loads this module and calls `runTestFile`; the state, hooks, `each`, timeouts and reports are jest's own.
 */
import type {Circus} from '@jest/types';
import {addEventHandler, getState, run} from 'jest-circus';

import {jestExpect} from './jest_expect.js';

export interface RunOptions {
  /** URLs of the modules to load: set-up files first, the test file last. */
  modules: string[];
  testTimeout: number;
  testNamePattern?: string;
}

export interface RunReport {
  tests: Pick<
    Circus.TestResult,
    'duration' | 'errors' | 'invocations' | 'numPassingAsserts' | 'startedAt' | 'status' | 'testPath'
  >[];
  /** Errors that belong to no test, as stacks. */
  unhandled: string[];
}

declare global {
  /** Installed by the runner: a test begins, and is given this long. */
  var testBegins: (name: string, milliseconds: number) => Promise<void>;
  var runTestFile: (options: RunOptions) => Promise<RunReport>;
}

globalThis.runTestFile = async ({modules, testTimeout, testNamePattern}) => {
  Error.stackTraceLimit = 100;
  const state = getState();
  state.testTimeout = testTimeout;
  if (testNamePattern !== undefined) state.testNamePattern = new RegExp(testNamePattern, 'i');
  addEventHandler(keepExpectState);
  addEventHandler(announce);
  failOnStrayErrors();
  failOnConsole();
  for (const url of modules) await import(url);
  const {testResults, unhandledErrors} = await run();
  return {
    tests: testResults.map(({duration, errors, invocations, numPassingAsserts, startedAt, status, testPath}) => ({
      duration,
      errors,
      invocations,
      numPassingAsserts,
      startedAt,
      status,
      testPath,
    })),
    unhandled: unhandledErrors,
  };
};

/** `expect.assertions` and errors that `expect` holds back, as jest's own adapter treats them. */
function keepExpectState(event: Circus.Event): void {
  if (event.name === 'test_start') jestExpect.setState({currentTestName: event.test.name});
  if (event.name !== 'test_done') return;
  const {isExpectingAssertions, numPassingAsserts, suppressedErrors} = jestExpect.getState();
  event.test.numPassingAsserts = numPassingAsserts;
  event.test.errors.push(...suppressedErrors);
  jestExpect.setState({suppressedErrors: []});
  const missing = jestExpect.extractExpectedAssertionsErrors();
  if (isExpectingAssertions && event.test.errors.length > 0) return;
  event.test.errors.push(...missing.map(({error}) => error));
}

function announce(event: Circus.Event): void {
  if (event.name === 'test_start') void testBegins(event.test.name, event.test.timeout ?? getState().testTimeout);
}

/** Errors and rejections that nobody catches fail the test that is running, or else the file. */
function failOnStrayErrors(): void {
  addEventListener('error', event => {
    event.preventDefault(); // reported here, so not once more by the browser
    fail(event.error ?? new Error(event.message));
  });
  addEventListener('unhandledrejection', event => {
    event.preventDefault();
    fail(event.reason);
  });
}

/** A test that means to provoke a warning spies on it. */
function failOnConsole(): void {
  for (const method of ['error', 'warn'] as const) {
    console[method] = (...values) => fail(new Error(`console.${method}: ${values.map(String).join(' ')}`));
  }
}

function fail(error: Circus.Exception): void {
  const {currentlyRunningTest, unhandledErrors} = getState();
  (currentlyRunningTest?.errors ?? unhandledErrors).push(error);
}
