/** What is missing, and what to do about it; shown without a stack. */
export class SetupError extends Error {
  constructor(
    problem: string,
    readonly hint: string,
  ) {
    super(problem);
    this.name = 'SetupError';
  }
}
