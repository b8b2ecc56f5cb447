import type {io} from '@tensorflow/tfjs-core';

/** Keeps what is saved as a file would: JSON and bytes. `change` edits it before it is loaded. */
export function memoryHandler(change: (artifacts: io.ModelArtifacts) => void = () => {}): io.IOHandler {
  let json = '';
  let weightData: ArrayBuffer;
  return {
    save: async ({weightData: data, ...rest}) => {
      json = JSON.stringify(rest);
      weightData = (data as ArrayBuffer).slice(0);
      return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}};
    },
    load: async () => {
      const artifacts = {...(JSON.parse(json) as io.ModelArtifacts), weightData: weightData.slice(0)};
      change(artifacts);
      return artifacts;
    },
  };
}
