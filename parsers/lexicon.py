"""Words and letters the recogniser is known to misread; for recognised text only, never for typed text."""

import re

from parsers.identifiers import is_domain, valid_email, valid_mobile, valid_phone, valid_postcode
from parsers.text import squash

_MISREAD = {
    "毫州": "亳州",
    "毫洲": "亳州",
    "亳洲": "亳州",
    "豪州市": "亳州市",
    "谯诚区": "谯城区",
    "樵城区": "谯城区",
    "憔城区": "谯城区",
    "礁城区": "谯城区",
    "瞧城区": "谯城区",
    "焦城区": "谯城区",
    "谦城区": "谯城区",
    "锅阳县": "涡阳县",
    "祸阳县": "涡阳县",
    "窝阳县": "涡阳县",
    "利幸县": "利辛县",
    "利亲县": "利辛县",
    "政努": "政务",
    "服努": "服务",
    "业努": "业务",
    "商努": "商务",
    "内谷": "内容",
    "申核": "审核",
    "何意推荐": "同意推荐",
    "何意申报": "同意申报",
    "何意上报": "同意上报",
}
# Forms of use elsewhere that the recogniser now and then takes a letter of mainland print for.
_TRADITIONAL = (
    "亞優會傳僅價億儀償兒內兩冊凍剛創劃劇動務勝勞勢匯區協單衛廠廳歷壓縣參雙發變啟員問嘗國圍園圓圖團執報場塊壇墻壯聲處備復夠頭夾奪奮獎婦媽孫學寧寶實審寫寬將專尋對導屆層屬島崗嶺幣師帳帶幫"
    "幹庫應廟廣張強彈彙徑從態慶憂懷戰戲戶拋掃採據擁擇擔擴攝數斷時晉曉書條東極構標樣橋機權歲歸殘殺氣決沒滬溝滅溫滿漢漁潔潤澤濟災為烏無煙熱燈營爐爭爺牆狀獨獲現環產畝畫異當療監盤眾礎禮"
    "種稱穩窮競筆節範築簡籌糧約紅紀級納純紙細終組結給絡統經綜維網綠緊線編練縮總績織繼續義習聯職聽腦臺與興舉藝蘇藥蘭號術補裝製複規視覽觀計訂討訓記設許診註評認語誠說課調請論諮譽護讀讓豐貝"
    "財責貨質貿費資賓賞賢賣賽贊趙趨車軍軟較輔輕輸轄轉農運過達遠適選遺還邊郵鄉鄧鄭鄰釋針鈔鋁鋒鋼錄錢鍋鍵鎮鏈鐘鐵長門開間閱關陝陳陸陽隊階際隨險隱雜離難電靈靜響頁項順須預領頻題額顏願類風飛"
    "飯飲館馬駐騎驗驚魚鮮鳳鴻鵬鹽麗麥黃點黨齊齒龍龐譙渦業體檔證識進連週遊畢曆紹絲緣縱羅聖聞脈腳膠莊華萬葉蓋蔣薩虛蟲裡訊詞詢該詳誤諾謝譯議豬貧購貼賀賴贏跡躍輛輝輩輪載違遙遞鄒醫醬釣銀銅銘"
    "銷錦鑒閃閩閣闊陰雲霧韓韻頂頓飾餘駛驅髮魯鳥鴨齡単"
)
_SIMPLIFIED = (
    "亚优会传仅价亿仪偿儿内两册冻刚创划剧动务胜劳势汇区协单卫厂厅历压县参双发变启员问尝国围园圆图团执报场块坛墙壮声处备复够头夹夺奋奖妇妈孙学宁宝实审写宽将专寻对导届层属岛岗岭币师帐带帮"
    "干库应庙广张强弹汇径从态庆忧怀战戏户抛扫采据拥择担扩摄数断时晋晓书条东极构标样桥机权岁归残杀气决没沪沟灭温满汉渔洁润泽济灾为乌无烟热灯营炉争爷墙状独获现环产亩画异当疗监盘众础礼"
    "种称稳穷竞笔节范筑简筹粮约红纪级纳纯纸细终组结给络统经综维网绿紧线编练缩总绩织继续义习联职听脑台与兴举艺苏药兰号术补装制复规视览观计订讨训记设许诊注评认语诚说课调请论咨誉护读让丰贝"
    "财责货质贸费资宾赏贤卖赛赞赵趋车军软较辅轻输辖转农运过达远适选遗还边邮乡邓郑邻释针钞铝锋钢录钱锅键镇链钟铁长门开间阅关陕陈陆阳队阶际随险隐杂离难电灵静响页项顺须预领频题额颜愿类风飞"
    "饭饮馆马驻骑验惊鱼鲜凤鸿鹏盐丽麦黄点党齐齿龙庞谯涡业体档证识进连周游毕历绍丝缘纵罗圣闻脉脚胶庄华万叶盖蒋萨虚虫里讯词询该详误诺谢译议猪贫购贴贺赖赢迹跃辆辉辈轮载违遥递邹医酱钓银铜铭"
    "销锦鉴闪闽阁阔阴云雾韩韵顶顿饰余驶驱发鲁鸟鸭龄单"
)
_LETTERS = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


_STROKE_FOR_ONE = re.compile(r"(?<=[0-9])[!|](?=[0-9])")
_HAIR = re.compile(r"(?<![丝分挥秋])毫(?![米升克秒厘无不安伏末])")
_CHECKED = re.compile(r"更(?=核(?!心))")
_THOUSANDS = re.compile(r"(?<=[0-9])，(?=[0-9]{3}(?![0-9]))")
_DIGITS = str.maketrans("lI|!iOoQD", "111110000")
_HOSTS = ("163.com", "126.com", "139.com", "189.cn", "qq.com", "vip.qq.com", "sina.com", "sina.cn", "sohu.com",
          "yeah.net", "foxmail.com", "aliyun.com", "hotmail.com", "outlook.com", "gmail.com", "263.net")  # fmt: skip
_LOOKS = str.maketrans("lIioOg", "11100q")
_BROKEN = re.compile(r"(?<=[A-Za-z0-9._-]) (?=[A-Za-z0-9._-])")
_APART = re.compile(r"(?<=[一-鿿0-9)）]) (?=[一-鿿0-9(（])")
_TORN_TAIL = re.compile(r"\.(?:c[o0]rn|c[o0]n|c0m|ccm)$")
_QQ = re.compile(r"[0-9lIOo|!]{5,11}@qq\.com")
_LONE = re.compile(r"[一-鿿]")
_OPINIONS = frozenset({"recommendation", "county_opinion", "city_opinion"})
_FORMATS = {"mobile": valid_mobile, "phone": valid_phone, "postcode": valid_postcode}


def mend(text: str) -> str:
    """Return recognised `text` in simplified letters, with this region's names put right."""
    text = _HAIR.sub("亳", _STROKE_FOR_ONE.sub("1", text.translate(_LETTERS)))
    text = _THOUSANDS.sub(",", _CHECKED.sub("审", text))
    for wrong, right in _MISREAD.items():
        text = text.replace(wrong, right)
    return text


def mend_value(key: str, value: str | None) -> str | None:
    """Return the recognised value of the field `key` with what its format rules out put right."""
    if value is None:
        return None
    if key in _FORMATS:
        digits = value.translate(_DIGITS)
        return value if _FORMATS[key](value) or not _FORMATS[key](digits) else digits
    if key == "email":
        return _email(value)
    if key == "identifier":
        whole = _BROKEN.sub("", value)
        return whole if is_domain(whole) and not is_domain(value.split(" ")[0]) else value
    if key in {"icp_number", "license_number"}:
        return squash(value)
    if key in _OPINIONS:
        # A sign alone on its line is one of the ring of a grey seal.
        return "\n".join(line for line in value.split("\n") if not _LONE.fullmatch(line)) or value
    return _APART.sub("", value) if key in {"organizer", "address", "category_other"} else value


def _email(value: str) -> str:
    """Return a recognised e-mail address without spaces, its host one that is known where it only looks like one."""
    whole = squash(value)
    name, at, host = whole.rpartition("@")
    known = {each.translate(_LOOKS): each for each in _HOSTS}
    host = _TORN_TAIL.sub(".com", host)
    host = known.get(host.translate(_LOOKS), host)
    mended = f"{name}{at}{host}"
    if _QQ.fullmatch(mended):
        mended = name.translate(_DIGITS) + at + host
    return mended if valid_email(mended) else value
