import {afterEach, beforeAll} from '@jest/globals';

import {forgetGraphs} from '../../src/internal/tensorflow_graph/graphed_calls.js';
import {expectNoGpuErrors, useBackend} from './backend.js';

beforeAll(useBackend, 240_000);
afterEach(expectNoGpuErrors);
afterEach(forgetGraphs); // else later tests would find as many as are kept
