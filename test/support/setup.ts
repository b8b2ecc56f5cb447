import {afterEach, beforeAll} from '@jest/globals';

import {expectNoGpuErrors, useBackend} from './backend.js';

beforeAll(useBackend, 240_000);
afterEach(expectNoGpuErrors);
