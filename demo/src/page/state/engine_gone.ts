/** What a question ends with whose engine was replaced, as after a lost device. */
export class EngineGone extends Error {
  constructor() {
    super('the worker was replaced');
  }
}
