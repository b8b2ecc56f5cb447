import tfa = require('tfjs-addons');
import train = require('tfjs-addons/train');

export const head: tfa.layers.GlobalPointer = tfa.layers.globalPointer({heads: 2, headSize: 8});
export const optimizer: train.AdamW = train.adamW(1e-3);
