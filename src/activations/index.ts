export {squaredRelu} from './squared_relu.js';
export {squareplus} from './squareplus.js';
