import {tokenise} from '../data/tokenise.js';
import {loadRecogniser} from '../files/recogniser_files.js';
import {startBackend} from '../start_backend.js';
import {taggedText} from '../terminal/tagged_text.js';
import {modelDirectory} from '../training/train.js';

/** Marks the entities in each text with a trained model. */
export async function tagCommand(out: string, texts: readonly string[]): Promise<void> {
  const {recogniser} = await loadRecogniser(modelDirectory(out), ({backend}) => startBackend(backend));
  const {tokenKind, encoder} = recogniser;
  const sentences = texts
    .map(text => tokenise(text, tokenKind).map(token => token.text))
    .filter(tokens => tokens.length);
  const found = await recogniser.find(sentences.map(tokens => ({tokens})));
  for (const [i, tokens] of sentences.entries()) {
    console.log(taggedText({tokens, spans: found[i]}, encoder.types, tokenKind));
  }
}
