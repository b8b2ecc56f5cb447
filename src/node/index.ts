/**
 * What only Node can do: `import {startWebGpu} from 'tfjs-addons/node'`.
 *
 * @module tfjs-addons/node
 */
export {allowTfjsNodeOnNode24} from './allow_tfjs_node_on_node24.js';
export {fileSystem} from './file_system.js';
export {type StartWebGpuArgs, startWebGpu, type WebGpuInfo} from './start_webgpu.js';
