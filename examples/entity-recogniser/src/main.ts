/** `npm start`: see `npm start -- --help`. */
import {parseCommandLine, type Request} from './cli/program.js';

/** Loads what a command needs when it is called for: help and errors come at once. */
async function run(request: Request): Promise<void> {
  switch (request.command) {
    case 'train':
      return (await import('./commands/train_command.js')).trainCommand(request.run, request.overwrite);
    case 'resume':
      return (await import('./commands/train_command.js')).resumeCommand(request.out);
    case 'evaluate':
      return (await import('./commands/evaluate_command.js')).evaluateCommand(request.out, request.data);
    case 'tag':
      return (await import('./commands/tag_command.js')).tagCommand(request.out, request.texts);
  }
}

try {
  await run(parseCommandLine(process.argv.slice(2)));
  process.exit(); // Dawn and TensorFlow keep threads
} catch (error) {
  const {message, stack} = error as Error;
  console.error(`\n${process.env.DEBUG ? stack : `Error: ${message}`}`);
  process.exit(1);
}
