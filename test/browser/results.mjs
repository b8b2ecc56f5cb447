/** Turns the report of a page into jest's TestResult, with stacks that point at the sources. */
import {SourceMap} from 'node:module';
import {dirname, resolve} from 'node:path';

import {createEmptyTestResult} from '@jest/test-result';
import {formatExecError, formatResultsErrors} from 'jest-message-util';

const STATUS = {skip: 'pending', todo: 'todo'};

/** Counters of TestResult by status. */
const COUNTERS = {
  passed: 'numPassingTests',
  failed: 'numFailingTests',
  pending: 'numPendingTests',
  todo: 'numTodoTests',
};

/**
 * @param report What `runTestFile` returned.
 * @param consoleEntries Lines the page logged: `{message, origin, type}[]`.
 * @param toSource Rewrites the stacks, see `stackMapper`.
 */
export function toTestResult({test, globalConfig, report, consoleEntries, strayErrors, start, toSource}) {
  const {config} = test.context;
  const result = createEmptyTestResult();
  result.testFilePath = test.path;
  result.displayName = config.displayName;
  result.testResults = report.tests.map(entry => toAssertionResult(entry, toSource));
  for (const {status} of result.testResults) result[COUNTERS[status]]++;
  result.skipped = result.testResults.every(({status}) => status === 'pending');
  result.failureMessage = formatResultsErrors(result.testResults, config, globalConfig, test.path);
  result.console = consoleEntries.length > 0 ? consoleEntries : undefined;

  const unhandled = [...report.unhandled, ...strayErrors].map(toSource);
  if (unhandled.length > 0) {
    result.testExecError = {message: '', stack: unhandled.join('\n')};
    const messages = unhandled.map(stack => formatExecError({message: '', stack}, config, globalConfig, test.path));
    result.failureMessage = [result.failureMessage, ...messages].filter(Boolean).join('\n\n');
  }
  const end = Date.now();
  const runtime = end - start;
  Object.assign(result.perfStats, {start, end, runtime, slow: runtime / 1000 > config.slowTestThreshold});
  return result;
}

function toAssertionResult({testPath, status, errors, startedAt, ...counts}, toSource) {
  const [title, ...outer] = testPath.slice(1).reverse(); // the first is circus' root block
  const ancestorTitles = outer.reverse();
  return {
    ...counts,
    ancestorTitles,
    failureDetails: [],
    failureMessages: errors.map(toSource),
    fullName: [...ancestorTitles, title].join(' '),
    location: null,
    retryReasons: [],
    startAt: startedAt,
    status: STATUS[status] ?? (errors.length > 0 ? 'failed' : 'passed'),
    title,
  };
}

/**
 * A function that makes a stack of a page readable: addresses of bundled scripts become file, line and column of the
 * source, and the frames that run the tests are left out, as jest leaves out its own.
 */
export function stackMapper(origin, outputs) {
  const maps = new Map();
  const address = new RegExp(`${origin}(/[^\\s:?)]+):(\\d+):(\\d+)`, 'g');
  const toSource = (bundled, url, line, column) => {
    const output = outputs.get(url);
    if (output?.map === undefined) return bundled;
    if (!maps.has(url)) maps.set(url, new SourceMap(JSON.parse(output.map)));
    const {originalSource, originalLine, originalColumn} = maps.get(url).findEntry(line - 1, column - 1);
    if (originalSource === undefined) return bundled;
    return `${resolve(dirname(output.path), originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
  };
  return stack => stack.replace(address, toSource).replace(RUNNER_FRAME, '');
}

/** Frames of test/browser, and of the code that playwright wraps around ours. */
const RUNNER_FRAME = /\n *at [^\n]*(?:[/\\]test[/\\]browser[/\\](?:page[/\\]|\w+\.mjs)|<anonymous>:\d+:\d+)[^\n]*/g;
