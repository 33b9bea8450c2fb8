#!/bin/sh
# 离线安装：sh install.sh [安装到的文件夹]。需要 Python 3.11 或更新的版本，不需要网络。
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-/opt/shenbao}

for python in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
        found=$python
        break
    fi
done
if [ -z "${found:-}" ]; then
    echo "没有找到 Python 3.11、3.12 或 3.13（含 venv）。请先安装，或用 PYTHON=/路径/python3 指明。" >&2
    exit 1
fi

"$found" -m venv "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$here/wheels" \
    --require-hashes -r "$here/run.txt"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps "$here"/wheels/shenbao-*.whl
echo "已安装：$target/bin/shenbao"
