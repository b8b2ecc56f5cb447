export {compileModel} from './compile_model.js';
export {type LoadModelOptions, loadModel} from './load_model.js';
export {type SaveModelOptions, saveModel} from './save_model.js';
