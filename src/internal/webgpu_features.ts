/** What a WebGPU device offers beyond the common ground, and how to ask for all of it. */

/** Features that a device is asked for where its adapter has them. */
const FEATURES = [
  'timestamp-query',
  'bgra8unorm-storage',
  'subgroups',
  'shader-f16',
  'chromium-experimental-subgroup-matrix',
] as const;

/** Above the default limits, where the adapter has more: kernels with many inputs and large tensors need it. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** A product of matrices that a subgroup makes together: float16 `[m, k]` times `[k, n]`, summed up in float32. */
export interface MatrixShape {
  m: number;
  n: number;
  k: number;
}

const matrixShapes = new WeakMap<GPUDevice, MatrixShape>();

/** A device with all that kernels can use, and the features `required`. */
export async function requestFullDevice(adapter: GPUAdapter, required: readonly string[] = []): Promise<GPUDevice> {
  const {features, limits} = adapter;
  const wanted = new Set([...FEATURES.filter(feature => features.has(feature)), ...required]);
  const device = await adapter.requestDevice({
    requiredFeatures: [...wanted] as GPUFeatureName[],
    requiredLimits: Object.fromEntries(LIMITS.map(limit => [limit, limits[limit]])),
  });
  const shape = matrixShapeOf(adapter.info as AdapterInfo);
  if (shape !== undefined) matrixShapes.set(device, shape);
  return device;
}

interface AdapterInfo extends GPUAdapterInfo {
  subgroupMaxSize: number;
  /** Only the adapter knows them, and only where shaders may use subgroup matrices. */
  subgroupMatrixConfigs?: readonly {
    componentType: string;
    resultComponentType: string;
    M: number;
    N: number;
    K: number;
  }[];
}

/** The largest of those whose sides are 8 or 16. Subgroups have to fill workgroups of 64. */
function matrixShapeOf({subgroupMaxSize, subgroupMatrixConfigs = []}: AdapterInfo): MatrixShape | undefined {
  if (!(subgroupMaxSize <= 64)) return undefined;
  const [largest] = [...subgroupMatrixConfigs]
    .filter(({componentType, resultComponentType}) => componentType === 'f16' && resultComponentType === 'f32')
    .filter(({M, N, K}) => [M, N, K].every(side => side === 8 || side === 16))
    .sort((a, b) => b.M * b.N * b.K - a.M * a.N * a.K);
  return largest && {m: largest.M, n: largest.N, k: largest.K};
}

/** The product of matrices that shaders may use, where they can. */
export const subgroupMatrices = (device: GPUDevice): MatrixShape | undefined =>
  device.features.has('chromium-experimental-subgroup-matrix' as GPUFeatureName) &&
  hasFloat16(device) &&
  hasSubgroups(device)
    ? matrixShapes.get(device)
    : undefined;

/** Whether shaders may use subgroups, and number them: which invocations form one is not fixed. */
export const hasSubgroups = ({features}: GPUDevice): boolean =>
  features.has('subgroups' as GPUFeatureName) && languageFeatures().has('subgroup_id');

/** Whether shaders may compute and store in float16. */
export const hasFloat16 = ({features}: GPUDevice): boolean => features.has('shader-f16' as GPUFeatureName);

const languageFeatures = (): ReadonlySet<string> =>
  (globalThis.navigator as {gpu?: {wgslLanguageFeatures?: ReadonlySet<string>}} | undefined)?.gpu
    ?.wgslLanguageFeatures ?? new Set();
