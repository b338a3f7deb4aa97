"""Plays WeCom against a running server, with wechatpy's enterprise crypto.

usage: wecom_client.py URL TOKEN ENCODING_AES_KEY CORP_ID UNIX_TIME

Checks the address, posts one text twice and prints what the server answered to it.
"""

import sys
import urllib.error
import urllib.parse
import urllib.request

import xmltodict
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import WeChatSigner

DRAFT = "A&B 这款产品保底收益5% ]]> 👍"


def signature(*parts):
    signer = WeChatSigner()
    signer.add_data(*parts)
    return signer.signature


def call(url, query, body=None):
    """Status and body; a refusal is an answer too."""
    request = urllib.request.Request(f"{url}?{urllib.parse.urlencode(query)}", data=body)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def check_address(url, crypto, token, corp, now):
    word = "1616140317555161061"
    echostr = PrpCrypto(crypto.key).encrypt(word, corp).decode()
    query = {"timestamp": now, "nonce": "echo1", "echostr": echostr}
    query["msg_signature"] = signature(token, now, "echo1", echostr)
    assert call(url, query) == (200, word.encode()), "the address does not prove itself"
    query["msg_signature"] = "0" * 40
    assert call(url, query) == (403, b""), "a forged check is not refused"


def say(url, crypto, corp, now, nonce):
    message = {"ToUserName": corp, "FromUserName": "zhangsan", "CreateTime": now, "MsgType": "text",
               "Content": DRAFT, "MsgId": "7000000000000000001", "AgentID": "1000002"}
    plain = xmltodict.unparse({"xml": message}, full_document=False)
    sealed = crypto.encrypt_message(plain, nonce, now)
    query = {"msg_signature": xmltodict.parse(sealed)["xml"]["MsgSignature"], "timestamp": now, "nonce": nonce}
    status, body = call(url, query, sealed.encode())
    assert status == 200, status
    answer = xmltodict.parse(body)["xml"]
    assert list(answer) == ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"], list(answer)
    # Raises when the signature, the padding or the company does not fit.
    reply = crypto.decrypt_message(body, answer["MsgSignature"], answer["TimeStamp"], answer["Nonce"])
    return xmltodict.parse(reply)["xml"]


def main(url, token, aes_key, corp, now):
    crypto = WeChatCrypto(token, aes_key, corp)
    check_address(url, crypto, token, corp, now)
    reply, again = say(url, crypto, corp, now, "n1"), say(url, crypto, corp, now, "n2")
    assert (reply["ToUserName"], reply["FromUserName"]) == ("zhangsan", corp), reply
    assert reply["Content"] == again["Content"], "a retry is answered otherwise"
    print(reply["Content"])


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main(*sys.argv[1:])
