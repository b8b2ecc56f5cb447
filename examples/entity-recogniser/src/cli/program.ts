import {Command, Option} from 'commander';

import {PRESET_NAMES, PRESETS, type PresetName} from '../presets.js';
import {BACKENDS, OPTIMIZERS, type Run} from '../settings.js';
import {absolutePath, showPath} from '../terminal/show_path.js';
import {FEATURE_NAMES} from '../text/features.js';
import {evenInteger, nonNegativeNumber, positiveInteger, positiveNumber, seed, share} from './argument_parsers.js';

/** What the user asked for. */
export type Request =
  | {command: 'train'; run: Run; overwrite: boolean}
  | {command: 'resume'; out: string}
  | {command: 'evaluate'; out: string; data?: string}
  | {command: 'tag'; out: string; texts: string[]};

type TrainOptions = Partial<Omit<Run, 'command'>> & {preset?: PresetName; resume?: true; overwrite?: true; out: string};

const DEFAULT_OUT = absolutePath('runs/entity-recogniser');

const EXAMPLES = `
Examples:
  npm start                                        generated text, about two minutes
  npm start -- --data my-data --epochs 20          your own text
  npm start -- --data my-data --backend tensorflow --preset resume-ner
  npm start -- --resume                            go on with a run that was stopped
  npm start -- tag "Anna joined Bank of Ashby."    use what was learnt

Data: a directory with train, dev and (optionally) test files, UTF-8, in one of these forms:
  columns      a token and its tag a line, an empty line after each sentence; tags BIO, IOB1, BIOES, BMES or BILOU
  JSON lines   {"text": "Anna lives in Ashby", "label": {"place": {"Ashby": [[14, 18]]}}}, both ends included`;

/**
 * Parses the command line. Ends the process with a message when it makes no sense.
 *
 * @param arguments_ Without the program's name.
 */
export function parseCommandLine(arguments_: readonly string[]): Request {
  let request: Request | undefined;
  const program = new Command('npm start --')
    .description('Trains a model that finds entities in text, one inside another if need be, and shows what it learnt.')
    .showHelpAfterError('(npm start -- --help lists the options)')
    .configureHelp({sortSubcommands: true, helpWidth: 110})
    .addHelpText('after', EXAMPLES);

  addTrainOptions(program).action((options: TrainOptions) => {
    const command = ['npm start', ...(arguments_.length ? ['--', ...arguments_.map(quote)] : [])].join(' ');
    request = options.resume ? resumeRequest(program, options) : trainRequest(options, command);
  });
  program
    .command('tag')
    .description('mark the entities in texts with a trained model')
    .argument('<text...>')
    .addOption(outOption())
    .action((texts: string[], _: object, command: Command) => {
      request = {command: 'tag', texts, out: command.optsWithGlobals().out};
    });
  program
    .command('evaluate')
    .description('score a trained model again, or on other text')
    .addOption(outOption())
    .option('--data <directory>', 'other text than the model was trained with', absolutePath)
    .action((_: object, command: Command) => {
      const {out, data} = command.optsWithGlobals();
      request = {command: 'evaluate', out, data};
    });
  program.parse(arguments_, {from: 'user'});
  return request!;
}

const outOption = (): Option =>
  new Option('--out <directory>', 'where the model, the scores and the report go')
    .default(DEFAULT_OUT, showPath(DEFAULT_OUT))
    .argParser(absolutePath);

function addTrainOptions(program: Command): Command {
  return program
    .optionsGroup('Text:')
    .option('--data <directory>', 'your own text instead of generated text', absolutePath)
    .option('--repair-tags', "accept tags that are out of order, as CoNLL's scorer does, instead of refusing the file")
    .option('--sentences <count>', 'generated sentences to train on', positiveInteger)
    .optionsGroup('Run:')
    .addOption(new Option('--preset <name>', 'settings that belong together').choices(PRESET_NAMES))
    .addOption(new Option('--backend <name>', 'where tensors live').choices(BACKENDS))
    .addOption(outOption())
    .option('--resume', 'go on with the run in --out, to the numbers it would have reached unstopped')
    .option('--overwrite', 'replace an unfinished run in --out')
    .option('--seed <number>', 'start of all random numbers: text, weights, order, dropout', seed)
    .optionsGroup('Model:')
    .option('--units <count>', 'width of the embeddings and layers', positiveInteger)
    .addOption(new Option('--features <names...>', 'what is seen of a token').choices(FEATURE_NAMES))
    .option('--concatenate', "embeddings of a token's features side by side instead of their sum")
    .option('--embedding-range <number>', 'embeddings start uniform in ± this; 0 for normal ones', nonNegativeNumber)
    .option('--layers <count>', 'number of gated attention units', positiveInteger)
    .option('--key-size <count>', 'width of queries and keys in the attention (even)', evenInteger)
    .option('--head-size <count>', 'width of queries and keys in the GlobalPointer head (even)', evenInteger)
    .option('--dropout <share>', 'share of the values dropped between layers', share)
    .option('--head-dropout <share>', 'share of the values dropped before the head', share)
    .option('--flat', 'entities never overlap: of spans that do, the best is kept')
    .optionsGroup('Training:')
    .option('--epochs <count>', 'passes over the training text', positiveInteger)
    .option('--batch-size <count>', 'sentences a step', positiveInteger)
    .addOption(new Option('--optimizer <name>', 'update rule').choices(OPTIMIZERS))
    .option('--learning-rate <number>', 'step size at its height', positiveNumber)
    .option('--warmup <share>', 'share of the steps over which the step size grows', share)
    .option('--weight-decay <number>', 'decay of the weights a step, times the step size', nonNegativeNumber)
    .option('--clip <number>', 'largest norm of all gradients together; 0 for no bound', nonNegativeNumber)
    .option('--adversarial <number>', 'adversarial move of the embeddings, as a share; 0 for none', nonNegativeNumber)
    .option('--average <share>', 'score and keep a moving average of the weights with this decay; 0 for none', share)
    .option('--tag-weight <number>', 'weight of a second loss, a tag for each token; 0 for none', nonNegativeNumber)
    .option('--hide-tokens <share>', 'probability that training hides a token', share)
    .option('--hide-context <share>', 'probability that training hides a value of a further feature', share)
    .option('--forget <number>', 'α: a value seen n times is hidden with probability α/(α + n)', nonNegativeNumber)
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'show this');
}

function trainRequest({preset, overwrite, ...given}: TrainOptions, command: string): Request {
  const base = PRESETS[preset ?? (given.data ? 'standard' : 'generated')];
  return {command: 'train', run: {...base, ...given, command}, overwrite: overwrite ?? false};
}

function resumeRequest(program: Command, {out}: TrainOptions): Request {
  const given = program.options.filter(option => program.getOptionValueSource(option.attributeName()) === 'cli');
  const extra = given.map(({long}) => long).filter(long => long !== '--resume' && long !== '--out');
  if (extra.length) {
    program.error(`error: --resume goes on with the settings of the stopped run; leave out ${extra.join(', ')}`);
  }
  return {command: 'resume', out};
}

const quote = (argument: string): string => (/^[\w./:=-]+$/.test(argument) ? argument : JSON.stringify(argument));
