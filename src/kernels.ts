/** Which path the ops take: fused kernels where the backend has them, composed tfjs ops elsewhere. */
export {isFused, type KernelReport, report, setFused} from './internal/kernels.js';
export {type Precision, precision, setPrecision} from './internal/precision.js';
export {setCallsBeforeGraph} from './internal/tensorflow_graph/graphed_calls.js';
