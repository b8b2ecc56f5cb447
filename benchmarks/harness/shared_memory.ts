import * as tf from '@tensorflow/tfjs';

/** The bytes of tensors, of which several may have the same memory: it counts once, and as long as one is there. */
export class SharedMemory {
  /** Largest sum so far. */
  peak = 0;
  private bytes = 0;
  private readonly blocks = new Map<object, {bytes: number; users: number}>();

  /** @param of Data of the tensor whose memory this one has; memory that was there before the first is free. */
  add({dataId, size, dtype}: tf.Tensor, of?: object): void {
    if (of !== undefined) {
      const block = this.blocks.get(of) ?? {bytes: 0, users: 1};
      block.users++;
      this.blocks.set(of, block).set(dataId, block);
      return;
    }
    const bytes = dtype === 'string' ? 0 : size * tf.util.bytesPerElement(dtype); // handles of resources are strings
    this.blocks.set(dataId, {bytes, users: 1});
    this.bytes += bytes;
    this.peak = Math.max(this.peak, this.bytes);
  }

  remove(dataId: object): void {
    const block = this.blocks.get(dataId);
    if (block === undefined) return;
    this.blocks.delete(dataId);
    block.users--;
    if (block.users === 0) this.bytes -= block.bytes;
  }
}
