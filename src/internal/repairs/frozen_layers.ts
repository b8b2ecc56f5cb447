import {LayersModel} from '@tensorflow/tfjs-layers';

const repaired = new WeakSet<object>();

/**
 * Keeps the variables of a frozen layer frozen when a Sequential is compiled: building it makes every variable
 * trainable again, though the layer stays frozen. Optimizers that move what has no gradient in a step look there.
 */
export function repairFrozenLayers(): void {
  const {compile} = LayersModel.prototype;
  if (repaired.has(compile)) return;
  const compileFrozen: typeof compile = function (this: LayersModel, args) {
    for (const layer of this.layers) if (!layer.trainable) layer.trainable = false; // tells its variables
    compile.call(this, args);
  };
  repaired.add(compileFrozen);
  LayersModel.prototype.compile = compileFrozen;
}
