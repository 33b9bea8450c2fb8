#!/bin/sh
# How the films in this folder were made: FFmpeg 5.1 of Debian 12, a test pattern and a tone, two seconds.
# The bytes differ from build to build of FFmpeg, the facts do not.
set -e
film() {
    target=$1
    shift
    ffmpeg -loglevel error -nostdin -y -f lavfi -i testsrc2=size=96x64:rate="${RATE:-5}":duration="${LENGTH:-2}" \
        -f lavfi -i sine=frequency=440:sample_rate=8000:duration=2 "$@" -ac 1 \
        -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1 "$target"
}
h264="-c:v libx264 -preset veryfast -crf 45 -pix_fmt yuv420p"
aac="-c:a aac -b:a 8k -shortest"
film h264.mp4 $h264 $aac
film h264-fragments.mp4 $h264 $aac -movflags frag_keyframe+empty_moov+default_base_moof
film hevc.mp4 -c:v libx265 -preset veryfast -crf 45 -x265-params log-level=none -tag:v hvc1 -pix_fmt yuv420p $aac
film h264.mov $h264 $aac
film h264.mkv $h264 $aac
film h264.flv $h264 $aac
film h264.ts $h264 $aac
film xvid.avi -c:v mpeg4 -q:v 31 -c:a libmp3lame -b:a 8k -shortest
film sorenson.flv -c:v flv -q:v 31 -c:a libmp3lame -ar 11025 -b:a 8k -shortest
film vp9.webm -c:v libvpx-vp9 -b:v 20k -c:a libopus -b:a 8k -shortest
film wmv.wmv -c:v wmv2 -q:v 31 -c:a wmav2 -b:a 24k -shortest
film telephone.3gp -c:v h263 -s 128x96 -q:v 31 -an
film wide-pixels.mp4 -vf setsar=4/3 $h264 -an
film sound-only.mp4 -map 1 -c:a aac -b:a 8k
RATE=25 film mpeg2.mpg -c:v mpeg2video -q:v 31 -an
RATE=1/50 LENGTH=350 film long.mp4 $h264 -an
RATE=10 LENGTH=3 film variable.mp4 -vf "select='lt(n,10)+not(mod(n,7))'" -vsync vfr $h264 -an
ffmpeg -loglevel error -nostdin -y -i h264.mp4 -c copy -metadata:s:v:0 rotate=90 -fflags +bitexact phone-upright.mp4
