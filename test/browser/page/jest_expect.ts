/** `@jest/expect` without snapshots, which need files. */
export {expect as jestExpect} from 'expect';
