#!/usr/bin/env bash
# Runs webgpu tests on lavapipe, Mesa's Vulkan driver for processors: it has float16 and subgroup matrices, which
# SwiftShader lacks.
#
#   scripts/lavapipe.sh FOLDER [jest options] [file patterns]
#
# Debian's newest Mesa and the libraries it needs are unpacked into FOLDER, once; the system stays as it is.
set -euo pipefail
folder=$(realpath -m "$1")
shift
cd "$(dirname "$0")/.."
packages=(mesa-vulkan-drivers libvulkan1 libstdc++6)

unpack() {
  mkdir -p "$folder"/{lists/partial,cache/archives/partial,sources,root}
  : >"$folder/status"
  cat >"$folder/sources/debian.sources" <<END
Types: deb
URIs: http://deb.debian.org/debian
Suites: trixie trixie-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
  cat >"$folder/apt.conf" <<END
Dir::State "$folder";
Dir::State::status "$folder/status";
Dir::State::lists "$folder/lists";
Dir::Cache "$folder/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$folder/sources";
Dir::Etc::preferencesparts "/dev/null";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Retries "3";
END
  export APT_CONFIG=$folder/apt.conf
  apt-get update -q
  apt-get install -yq --download-only --target-release trixie-backports "${packages[@]}"
  for package in "$folder"/cache/archives/*.deb; do dpkg -x "$package" "$folder/root"; done
  unset APT_CONFIG
}

[ -e "$folder/unpacked" ] || { unpack && touch "$folder/unpacked"; }

libraries=$(dirname "$(find "$folder/root/usr/lib" -name libvulkan_lvp.so)")
loader=$(find "$libraries" -name 'ld-linux-*.so.*')
cat >"$folder/driver.json" <<END
{"file_format_version": "1.0.0", "ICD": {"api_version": "1.3.0", "library_path": "$libraries/libvulkan_lvp.so"}}
END

# Shaders are compiled more often than they run: without LLVM's optimisations. In one process, as Node's children would
# look for the loader of the system.
export VK_ICD_FILENAMES=$folder/driver.json XDG_RUNTIME_DIR=$folder GALLIVM_PERF=nopt MESA_SHADER_CACHE_DIR=$folder
export TFJS_BACKEND=webgpu TFJS_WEBGPU_FLOAT16=1
# Products of matrices by subgroups are behind it; DAWN_OPTIONS= leaves them out.
: "${DAWN_OPTIONS=enable-dawn-features=allow_unsafe_apis}"
export DAWN_OPTIONS
"$loader" --library-path "$libraries:/usr/lib/$(basename "$libraries")" "$(command -v node)" \
  --no-deprecation node_modules/jest/bin/jest.js --runInBand "$@"
