/** State of layers that is neither weight nor config, such as how many masks a dropout has drawn. */
import type {layers} from '@tensorflow/tfjs-layers';

/** A layer with such state has both methods. */
interface StatefulLayer {
  getRuntimeState(): object;
  setRuntimeState(state: object): void;
}

type Layer = Partial<StatefulLayer> & Pick<layers.Layer, 'name'> & {layers?: Layer[]; layer?: Layer};

export interface SavedLayerState {
  /** Names from the model down to the layer. */
  path: string[];
  state: object;
}

/** The states of all layers, also of those inside nested models and wrappers. */
export const readRuntimeStates = (model: {layers: layers.Layer[]}): SavedLayerState[] =>
  statefulLayers(model.layers as Layer[]).map(({path, layer}) => ({path, state: layer.getRuntimeState()}));

/** Gives each layer its state; layers that were not saved keep theirs. */
export function writeRuntimeStates(model: {layers: layers.Layer[]}, saved: SavedLayerState[]): void {
  const states = new Map(saved.map(({path, state}) => [JSON.stringify(path), state]));
  for (const {path, layer} of statefulLayers(model.layers as Layer[])) {
    const state = states.get(JSON.stringify(path));
    if (state !== undefined) layer.setRuntimeState(state);
  }
}

function statefulLayers(all: Layer[], parents: string[] = []): {path: string[]; layer: StatefulLayer}[] {
  return all.flatMap(layer => {
    const path = [...parents, layer.name];
    const inner = [...(layer.layers ?? []), ...(layer.layer === undefined ? [] : [layer.layer])];
    return [...(isStateful(layer) ? [{path, layer}] : []), ...statefulLayers(inner, path)];
  });
}

const isStateful = (layer: Layer): layer is Layer & StatefulLayer =>
  typeof layer.getRuntimeState === 'function' && typeof layer.setRuntimeState === 'function';
