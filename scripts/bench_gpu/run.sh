#!/bin/sh
# Tests, then benchmarks, of the webgpu backend on this machine's GPU.
#   run.sh [--skip-tests] [options of npm run bench, such as names or --check]
# Results go to results/webgpu.json. DAWN_OPTIONS hands options to Dawn.
set -eu
cd "$(dirname "$0")"
if ! (ldconfig -p 2>/dev/null || /sbin/ldconfig -p) | grep -q 'libvulkan\.so\.1'; then
  echo 'No Vulkan loader: install libvulkan1 (Debian, Ubuntu) or vulkan-loader (Fedora).' >&2
  exit 1
fi
for file in node dawn.node; do
  [ -x $file ] || { gunzip -c $file.gz > $file.part && chmod +x $file.part && mv $file.part $file; }
done
# Float16 on NVIDIA cards and the products of matrix units are behind these.
: "${DAWN_OPTIONS=enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia}"
export DAWN_OPTIONS
status=0
if [ "${1-}" = --skip-tests ]; then shift; else ./node run_tests.mjs || status=$?; fi
if python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
  set -- --torch-device cuda "$@"
else
  echo 'PyTorch with CUDA is not here: nothing is compared with it.'
  set -- --no-torch "$@"
fi
BENCHMARKS_HOME="$PWD/benchmarks" ./node --no-deprecation benchmarks/main.mjs --backend webgpu --full-device "$@" || status=$?
exit $status
